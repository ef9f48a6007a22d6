/** The README says what is there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { supportedCommands, withCompatibilityTable } from '../support/compatibility-table.js'
import { REDIS_COMMANDS } from '../support/redis-commands.js'
import { ROOT } from '../support/redis-server.js'

test('the compatibility table is up to date (npm run docs)', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  expect(readme).toBe(withCompatibilityTable(readme))
})

test('Redis has every command that is there', () => {
  const known = new Set(REDIS_COMMANDS.flatMap(({ commands }) => commands))
  expect(supportedCommands().filter((name) => !known.has(name))).toEqual([])
})
