/** COMMAND DOCS: a descriptor as documentation, for command-line clients that complete and explain. */

import { MapReply, type Reply, SetReply, Simple } from '../protocol/reply.js'
import type { Command } from './command.js'
import { COMMAND_HISTORY, type CommandHistory } from './command-history.js'
import { parseSyntax, type SyntaxArgument } from './syntax.js'

export function commandDocs(command: Command): Reply {
  const { spec } = command
  const flat: Reply[] = ['summary', spec.summary, 'since', spec.since, 'group', command.group]
  flat.push('complexity', spec.complexity)
  if (spec.deprecated !== undefined) {
    flat.push('doc_flags', new SetReply([new Simple('deprecated')]))
    flat.push('deprecated_since', spec.deprecated.since, 'replaced_by', spec.deprecated.replacedBy)
  }
  const history = COMMAND_HISTORY[command.fullName]
  if (history?.changes !== undefined) flat.push('history', new SetReply(history.changes))
  const syntax = parseSyntax(spec.syntax)
  if (syntax.length > 0) flat.push('arguments', new ArgumentDocs(command, history).list(syntax))
  if (command.subcommands !== undefined) {
    const docs = [...command.subcommands.values()].flatMap((sub) => [sub.fullName, commandDocs(sub)])
    flat.push('subcommands', new MapReply(docs))
  }
  return new MapReply(flat)
}

/** The arguments of one command; counts its keys, to name the specification of each. */
class ArgumentDocs {
  readonly #specs: number
  #keys = 0

  constructor(
    command: Command,
    private readonly history: CommandHistory | undefined,
  ) {
    this.#specs = command.keys.length
  }

  /** @param around names of the arguments that these are part of, as the history has them */
  list(syntax: readonly SyntaxArgument[], around = ''): Reply[] {
    return syntax.map((argument) => this.#one(argument, around + argument.name))
  }

  #one(argument: SyntaxArgument, path: string): Reply {
    const { name, display, type, token, optional, multiple, multipleToken, parts } = argument
    // A command without keys may have an argument that is called as keys usually are.
    const isKey = type === 'key' && this.#specs > 0
    const keySpec = argument.keySpec ?? (isKey ? Math.min(this.#keys++, this.#specs - 1) : undefined)
    const flat: Reply[] = ['name', name, 'type', type === 'key' && !isKey ? 'string' : type]
    if (parts === undefined) flat.push('display_text', display ?? name)
    if (keySpec !== undefined) flat.push('key_spec_index', keySpec)
    if (token !== undefined) flat.push('token', token)
    const since = this.history?.since?.[path]
    if (since !== undefined) flat.push('since', since)
    const deprecated = this.history?.deprecatedSince?.[path]
    if (deprecated !== undefined) flat.push('deprecated_since', deprecated)
    const flags: Reply[] = []
    if (optional) flags.push(new Simple('optional'))
    if (multiple) flags.push(new Simple('multiple'))
    if (multipleToken) flags.push(new Simple('multiple_token'))
    if (flags.length > 0) flat.push('flags', new SetReply(flags))
    if (parts !== undefined) flat.push('arguments', this.list(parts, `${path}/`))
    return new MapReply(flat)
  }
}
