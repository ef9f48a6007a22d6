/** The table of types and the table of commands name the same commands. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CommandTable } from '../../../packages/core/src/commands/table.js'

test('every command has its line in command-types.ts, and nothing else has', () => {
  const path = new URL('../../../packages/core/src/client/command-types.ts', import.meta.url)
  const table = readFileSync(path, 'utf8').split('export interface CommandTypes {')[1] as string
  const typed = [...table.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => name)
  // These two have methods written by hand; see client.ts.
  const commands = [...new CommandTable()]
    .map(({ name }) => name)
    .filter((name) => name !== 'multi' && name !== 'exec')
  expect(typed.sort()).toEqual(commands.sort())
})
