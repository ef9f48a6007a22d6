/** Configuration files and wildcards on a real file system; the process's title. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { Config } from '../../../packages/core/src/engine/config.js'
import { nodeConfigFiles } from '../../../packages/node/src/config-files.js'
import { processTitle } from '../../../packages/node/src/process-title.js'

const folder = mkdtempSync(join(tmpdir(), 'russet-config-'))
for (const name of ['b', 'a']) {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'x.conf'), 'requirepass \xe9', 'latin1')
  writeFileSync(join(folder, name, '.hidden.conf'), '')
  writeFileSync(join(folder, name, 'notes.txt'), '')
}
afterAll(() => rmSync(folder, { recursive: true }))

it('reads bytes, and says why it cannot', () => {
  expect(nodeConfigFiles.read(join(folder, 'a/x.conf'))).toBe('requirepass \xe9')
  expect(() => nodeConfigFiles.read(join(folder, 'nope'))).toThrow(/^No such file or directory$/)
  expect(() => nodeConfigFiles.read(folder)).toThrow(/^Is a directory$/)
})

it.each([
  ['*/*.conf', ['a/x.conf', 'b/x.conf']],
  ['[b-z]/?.conf', ['b/x.conf']],
  ['a/.*', ['a/.hidden.conf']],
  ['a/x.conf/*', []],
  ['nope/*', []],
])('%s matches %j', (pattern, expected) => {
  expect(nodeConfigFiles.match(join(folder, pattern))).toEqual(expected.map((name) => join(folder, name)))
})

it.each([
  ['{title} {listen-addr} {server-mode}', 'russet-server *:6379'],
  ['{{{port}/{tls-port} {config-file}', '{6379/0 /etc/redis.conf'],
])('the title %s is %s', (template, expected) => {
  const config = new Config()
  expect(config.applyLine(['proc-title-template', template])).toBeUndefined()
  expect(processTitle(config.settings, 'russet-server', '/etc/redis.conf')).toBe(expected)
})

it('replaces a file as a whole, and leaves nothing else behind', () => {
  const path = join(folder, 'written')
  nodeConfigFiles.write(path, 'one \xe9\n')
  nodeConfigFiles.write(path, 'two')
  expect(readFileSync(path, 'latin1')).toBe('two')
  expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'written'])
  chmodSync(path, 0o640)
  nodeConfigFiles.write(path, 'three')
  expect(statSync(path).mode & 0o777).toBe(0o640)
  expect(() => nodeConfigFiles.write(join(folder, 'nope/x'), '')).toThrow(/^No such file or directory$/)
  expect(() => nodeConfigFiles.write(folder, '')).toThrow(/^Is a directory$/)
  expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'written'])
})
