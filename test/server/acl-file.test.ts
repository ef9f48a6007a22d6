/** The ACL file of the russet-server command, which redis-server reads, too, and `user` lines of a configuration. */
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startRedis } from '../support/redis-server.js'
import { bulksOf } from '../support/replies.js'
import { connectTo, RussetCommand, startRussetCommand, testFolder } from '../support/russet-command.js'

const RULES = ['on', '>p', '~a*', '%R~b*', '&c*', '+@read', '-get', '+config|get', '(~"q" +set +select|1)']

it('redis-server and Russet read the file that the other one has written', async () => {
  const folder = testFolder()
  const aclfile = join(folder, 'users.acl')
  writeFileSync(aclfile, '')
  const options = ['--aclfile', aclfile]

  const first = await startRussetCommand(options)
  const russet = await connectTo(first)
  expect((await russet.send('ACL', 'SETUSER', 'u', ...RULES)).raw).toBe('+OK\r\n')
  expect((await russet.send('ACL', 'SAVE')).raw).toBe('+OK\r\n')
  const written = bulksOf(await russet.send('ACL', 'LIST'))
  expect(readFileSync(aclfile, 'latin1')).toBe(`${written.join('\n')}\n`)
  expect(readdirSync(folder)).toEqual(['users.acl'])

  const redis = await startRedis({ args: options })
  onTestFinished(() => redis.stop())
  const connection = await connectTo(redis.address)
  expect((await connection.send('AUTH', 'u', 'p')).raw).toBe('+OK\r\n')
  expect((await connection.send('GET', 'b')).raw).toMatch(/^-NOPERM/)
  expect((await connection.send('STRLEN', 'b')).raw).toBe(':0\r\n')
  const admin = await connectTo(redis.address)
  expect((await admin.send('ACL', 'SETUSER', 'v', 'on', 'nopass', '+@all', '-@dangerous', '~*')).raw).toBe(
    '+OK\r\n',
  )
  expect((await admin.send('ACL', 'SAVE')).raw).toBe('+OK\r\n')

  expect((await russet.send('ACL', 'LOAD')).raw).toBe('+OK\r\n')
  expect(bulksOf(await russet.send('ACL', 'USERS'))).toEqual(['default', 'u', 'v'])
  expect((await russet.send('AUTH', 'v', 'x')).raw).toBe('+OK\r\n')
  expect((await russet.send('KEYS', '*')).raw).toBe(
    "-NOPERM User v has no permissions to run the 'keys' command\r\n",
  )
})

it('the path starts from the working directory, and who could not read the file cannot read the next', async () => {
  const folder = testFolder()
  const path = join(folder, 'users.acl')
  writeFileSync(path, 'user u on\n')
  chmodSync(path, 0o600)
  const client = await connectTo(await startRussetCommand(['--dir', folder, '--aclfile', 'users.acl']))
  expect(bulksOf(await client.send('ACL', 'USERS'))).toEqual(['default', 'u'])
  expect((await client.send('ACL', 'SETUSER', 'v')).raw).toBe('+OK\r\n')
  expect((await client.send('ACL', 'SAVE')).raw).toBe('+OK\r\n')
  expect(readFileSync(path, 'latin1')).toContain('\nuser v off')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  rmSync(path)
  expect((await client.send('ACL', 'LOAD')).raw).toBe(
    "-ERR Error loading ACLs, opening file 'users.acl': No such file or directory\r\n",
  )
})

it('a file with faults is told of line by line, and ends the start with 1', async () => {
  const folder = testFolder()
  const aclfile = join(folder, 'users.acl')
  writeFileSync(aclfile, 'user u on +nope\n\nuser v (+get\n')
  const command = new RussetCommand(['--port', '0', '--unixsocket', join(folder, 's'), '--aclfile', aclfile])
  expect(await command.waitForEnd()).toEqual({ code: 1, signal: null })
  expect(command.output).toContain(
    `ACL errors: ${aclfile}:1: Error in applying operation '+nope': Unknown command or category name in ACL. ` +
      `${aclfile}:3: Unmatched parenthesis in selector definition.WARNING: ACL errors detected, no change`,
  )
})

it('users of the configuration are there from the start; a line with a fault ends it', async () => {
  const folder = testFolder()
  const conf = join(folder, 'redis.conf')
  writeFileSync(conf, 'user default off\nuser u on >p ~* +@all (~x +get)\n')
  const server = new RussetCommand([conf, '--port', '0', '--unixsocket', join(folder, 's'), '--save', ''])
  await server.waitFor(/Ready to accept connections/)
  const client = await connectTo({ path: join(folder, 's') })
  expect((await client.send('PING')).raw).toBe('-NOAUTH Authentication required.\r\n')
  expect((await client.send('AUTH', 'u', 'p')).raw).toBe('+OK\r\n')
  expect((await client.send('ACL', 'SAVE')).raw).toMatch(
    /^-ERR This Redis instance is not configured to use an ACL/,
  )

  writeFileSync(conf, 'port 0\nuser u on +nope\n')
  const refused = new RussetCommand([conf])
  expect(await refused.waitForEnd()).toEqual({ code: 1, signal: null })
  expect(refused.output).toContain(
    "at line 2\n>>> 'user u on +nope'\nError in user declaration '+nope': Unknown command or category name in ACL\n",
  )
})
