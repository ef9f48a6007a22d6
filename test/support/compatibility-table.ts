/**
 * The README's compatibility table: which commands of Redis are there, by the engine's own table of
 * commands. It stands between two markers, and a test fails when it is not what this file makes.
 */
import { createEngine } from '@russet/node'
import { REDIS_COMMANDS } from './redis-commands.js'

const START = '<!-- compatibility table: written by `npm run docs` -->\n'
const END = '<!-- end of the compatibility table -->\n'

/** The commands that can be called, subcommands as `container|name`. */
export function supportedCommands(): string[] {
  const engine = createEngine()
  engine.close()
  return [...engine.commands.withSubcommands()]
    .filter(({ handler }) => handler !== undefined)
    .map(({ fullName }) => fullName)
}

function compatibilityTable(): string {
  const supported = new Set(supportedCommands())
  const lines = ['| group | there | not there yet |', '|---|---|---|']
  let there = 0
  let all = 0
  for (const { title, commands } of REDIS_COMMANDS) {
    const yes = commands.filter((name) => supported.has(name))
    const no = commands.filter((name) => !supported.has(name))
    there += yes.length
    all += commands.length
    lines.push(`| **${title}** ${yes.length}/${commands.length} | ${list(yes)} | ${list(no)} |`)
  }
  return `${there} of ${all} commands and subcommands of Redis 7.4, and of Redis 8 where it says so:\n\n${lines.join('\n')}\n`
}

/** `CONFIG GET, SET` rather than the container's name each time. */
function list(names: readonly string[]): string {
  const words: string[] = []
  let container: string | undefined
  for (const name of names) {
    const [first = '', second] = name.toUpperCase().split('|')
    if (second === undefined) words.push(first)
    else if (first === container) words[words.length - 1] += `\\|${second}`
    else words.push(`${first} ${second}`)
    container = second === undefined ? undefined : first
  }
  return words.map((word) => `\`${word}\``).join(' ')
}

/** `readme` with the table as it is to be. @throws Error when the markers are not there */
export function withCompatibilityTable(readme: string): string {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start < 0 || end < start) throw new Error('README.md has no markers for the compatibility table')
  return `${readme.slice(0, start + START.length)}\n${compatibilityTable()}\n${readme.slice(end)}`
}
