/** The history of commands tells of commands and arguments that there are. */
import { expect, test } from 'vitest'
import { COMMAND_HISTORY } from '../../../packages/core/src/commands/command-history.js'
import { parseSyntax, type SyntaxArgument } from '../../../packages/core/src/commands/syntax.js'
import { CommandTable } from '../../../packages/core/src/commands/table.js'

function pathsOf(syntax: readonly SyntaxArgument[], around = ''): string[] {
  return syntax.flatMap(({ name, parts }) => [around + name, ...pathsOf(parts ?? [], `${around}${name}/`)])
}

const table = new CommandTable()

test.each(Object.entries(COMMAND_HISTORY))('%s', (name, { changes, since, deprecatedSince }) => {
  const command = table.findByFullName(name)
  if (command === undefined) throw new Error('no such command')
  const paths = pathsOf(parseSyntax(command.spec.syntax))
  for (const path of Object.keys({ ...since, ...deprecatedSince })) expect(paths).toContain(path)
  const versions = (changes ?? []).map(([version]) => version)
  expect(versions).toEqual([...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })))
})
