/** The notation of `syntax`, and that every descriptor is written in it. */
import { describe, expect, test } from 'vitest'
import { parseSyntax, type SyntaxArgument } from '../../../packages/core/src/commands/syntax.js'
import { CommandTable } from '../../../packages/core/src/commands/table.js'

/** One argument in short: `LIMIT:limit?(offset count)*`. */
function short({ name, type, token, optional, multiple, multipleToken, parts }: SyntaxArgument): string {
  const divider = type === 'oneof' ? '|' : ' '
  const inside = parts === undefined ? '' : `(${parts.map(short).join(divider)})`
  const own = type === 'pure-token' ? (token ?? '') : token === undefined ? name : `${token}:${name}`
  return `${own}${optional ? '?' : ''}${inside}${multiple ? '*' : ''}${multipleToken ? '*' : ''}`
}

describe('notation', () => {
  test.each([
    ['', ''],
    ['key value', 'key value'],
    ['[message]', 'message?'],
    ['key [key ...]', 'key*'],
    ['[section [section ...]]', 'section?*'],
    ['key value [key value ...]', 'key-value(key value)*'],
    ['key [NX|XX] [GET]', 'key nx-or-xx?(NX|XX) GET?'],
    ['ON|OFF|SKIP', 'on-or-off-or-skip(ON|OFF|SKIP)'],
    ['key BEFORE|AFTER pivot', 'key before-or-after(BEFORE|AFTER) pivot'],
    ['a LEFT|RIGHT LEFT|RIGHT t', 'a left-or-right(LEFT|RIGHT) left-or-right(LEFT|RIGHT) t'],
    ['[EX seconds|PX ms|KEEPTTL]', 'seconds-or-ms-or-keepttl?(EX:seconds|PX:ms|KEEPTTL)'],
    ['LIB-NAME a|LIB-VER b', 'a-or-b(LIB-NAME:a|LIB-VER:b)'],
    ['[LIMIT offset count]', 'LIMIT:limit?(offset count)'],
    ['[TYPE NORMAL|PUBSUB]', 'TYPE:normal-or-pubsub?(NORMAL|PUBSUB)'],
    ['[WEIGHTS w [w ...]]', 'WEIGHTS:w?*'],
    ['[GET pattern [GET pattern ...]]', 'GET:pattern?**'],
    ['[GET e o [GET e o ...]]', 'GET:get?(e o)**'],
    ['key [count [WITHSCORES]]', 'key count-withscores?(count WITHSCORES?)'],
    ['[FILTERBY <MODULE m|PATTERN p>]', 'FILTERBY:m-or-p?(MODULE:m|PATTERN:p)'],
    ['[A a|B b c [A a|B b c ...]]', 'a-or-b?(A:a|B:b(b c))*'],
    ['FIELDS n f [f ...]', 'FIELDS:n f*'],
    ['[NOSAVE|SAVE] [NOW] [FORCE]', 'nosave-or-save?(NOSAVE|SAVE) NOW? FORCE?'],
    ['ip:port [USER username]', 'ip:port USER:username?'],
  ])('%j', (syntax, expected) => {
    expect(parseSyntax(syntax).map(short).join(' ')).toBe(expected)
  })

  test.each(['[a', 'a]', '<a', 'a [b ...]', '[[a ...]]'])('%j makes no sense', (syntax) => {
    expect(() => parseSyntax(syntax)).toThrow()
  })

  test('types follow from names', () => {
    const types = parseSyntax(
      'key destination count score pattern unix-time-seconds value [NX|XX] [LIMIT a b]',
    )
    expect(types.map(({ type }) => type)).toEqual([
      ...['key', 'key', 'integer', 'double', 'pattern', 'unix-time', 'string', 'oneof', 'block'],
    ])
  })
})

test('every descriptor is written in it, and names its keys', () => {
  for (const { fullName, spec, keys } of new CommandTable().withSubcommands()) {
    const types = JSON.stringify(parseSyntax(spec.syntax))
    if (keys.length > 0) expect(`${fullName}: ${types}`).toContain('"type":"key"')
  }
})
