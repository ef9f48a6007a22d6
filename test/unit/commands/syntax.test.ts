/** The notation of `syntax`, and that every descriptor is written in it. */
import { describe, expect, test } from 'vitest'
import { parseSyntax, type SyntaxArgument } from '../../../packages/core/src/commands/syntax.js'
import { CommandTable } from '../../../packages/core/src/commands/table.js'

/** One argument in short: `LIMIT:limit?(offset count)*`. */
function short({
  name,
  display,
  type,
  token,
  optional,
  multiple,
  multipleToken,
  parts,
}: SyntaxArgument): string {
  const divider = type === 'oneof' ? '|' : ' '
  const inside = parts === undefined ? '' : `(${parts.map(short).join(divider)})`
  const shown = display === undefined ? name : `${name}/${display}`
  const word = token?.toLowerCase() === name ? token : `${token}/${name}`
  const own = type === 'pure-token' ? word : token === undefined ? shown : `${token}:${shown}`
  return `${own}${optional ? '?' : ''}${inside}${multiple ? '*' : ''}${multipleToken ? '*' : ''}`
}

describe('notation', () => {
  test.each([
    ['', ''],
    ['key value', 'key value'],
    ['[message]', 'message?'],
    ['key [key ...]', 'key*'],
    ['[section [section ...]]', 'section?*'],
    ['key value [key value ...]', 'data(key value)*'],
    ['key condition=[NX|XX] [GET]', 'key condition?(NX|XX) GET?'],
    ['action=ON|OFF|SKIP', 'action(ON|OFF|SKIP)'],
    ['key where=BEFORE|AFTER pivot', 'key where(BEFORE|AFTER) pivot'],
    ['a from=LEFT|RIGHT to=LEFT|RIGHT t', 'a from(LEFT|RIGHT) to(LEFT|RIGHT) t'],
    ['expiration=[EX seconds|PX ms|KEEPTTL]', 'expiration?(EX:seconds|PX:ms|KEEPTTL)'],
    ['attr=<LIB-NAME a|LIB-VER b>', 'attr(LIB-NAME:a|LIB-VER:b)'],
    ['[LIMIT offset count]', 'LIMIT:limit?(offset count)'],
    ['b=[<COUNT count> [ANY]]', 'b?(COUNT:count ANY?)'],
    ['[SKIPME YES|NO]', 'SKIPME:skipme?(YES|NO)'],
    ['[TYPE client-type=NORMAL|PUBSUB]', 'TYPE:client-type?(NORMAL|PUBSUB)'],
    ['[WEIGHTS w [w ...]]', 'WEIGHTS:w?*'],
    ['[GET pattern [GET pattern ...]]', 'GET:pattern?**'],
    ['get-block=[GET e o [GET e o ...]]', 'GET:get-block?(e o)**'],
    ['key options=[count [WITHSCORES]]', 'key options?(count WITHSCORES?)'],
    ['[FILTERBY <MODULE m|PATTERN p>]', 'FILTERBY:filterby?(MODULE:m|PATTERN:p)'],
    ['o=[A a|B b c] ...', 'o?(A:a|B:b(b c))*'],
    ['f=<old|new=<[ID id]|[USER name]> ...>', 'f(old|new(ID:id?|USER:name?)*)'],
    ['<FIELDS n f [f ...]>', 'FIELDS:fields(n f*)'],
    ['FIELDS n f [f ...]', 'FIELDS:n f*'],
    ['save=[NOSAVE|SAVE] [NOW] [FORCE]', 'save?(NOSAVE|SAVE) NOW? FORCE?'],
    ['[change=CH]', 'CH/change?'],
    ['ip:port [USER username]', 'ip:port USER:username?'],
    ['[ADDR addr=ip:port]', 'ADDR:addr/ip:port?'],
  ])('%j', (syntax, expected) => {
    expect(parseSyntax(syntax).map(short).join(' ')).toBe(expected)
  })

  test.each(['[a', 'a]', '<a', 'a [b ...]', '[[a ...]]', '...', '[A|B]', 'A|B', '[a [b]]', '<a b>'])(
    '%j makes no sense',
    (syntax) => {
      expect(() => parseSyntax(syntax)).toThrow()
    },
  )

  test('types follow from names', () => {
    const types = parseSyntax(
      'key destination count score pattern unix-time-seconds value condition=[NX|XX] [LIMIT a b]',
    )
    expect(types.map(({ type }) => type)).toEqual([
      ...['key', 'key', 'integer', 'double', 'pattern', 'unix-time', 'string', 'oneof', 'block'],
    ])
  })

  test('types and key specifications can be written out', () => {
    expect(parseSyntax('min:double by=pattern#1 destination#2 x:integer#3')).toEqual([
      { name: 'min', type: 'double' },
      { name: 'by', display: 'pattern', type: 'pattern', keySpec: 1 },
      { name: 'destination', type: 'key', keySpec: 2 },
      { name: 'x', type: 'integer', keySpec: 3 },
    ])
  })
})

test('every descriptor is written in it, and names its keys', () => {
  for (const { fullName, spec, keys } of new CommandTable().withSubcommands()) {
    const types = JSON.stringify(parseSyntax(spec.syntax))
    if (keys.some(({ flags }) => !flags.includes('not_key')))
      expect(`${fullName}: ${types}`).toContain('"type":"key"')
  }
})
