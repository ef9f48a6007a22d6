/** The manifest of the append-only file: what is read and refused, what is written, the steps of a rewrite. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isPath,
  Manifest,
  ManifestError,
  manifestName,
} from '../../../packages/core/src/persistence/manifest.js'
import { CorruptError } from '../../../packages/core/src/rdb/corrupt.js'

const LINE = 'file a seq 1 type b\n'

/** What a manifest is refused for: the line's number, its text, the reason. */
function refusal(text: string): { line: number; text: string; reason: string } {
  try {
    Manifest.parse(text)
  } catch (error) {
    expect(error).toBeInstanceOf(ManifestError)
    expect(error).toBeInstanceOf(CorruptError)
    const { line, text: shown, reason } = error as ManifestError
    return { line, text: shown, reason }
  }
  throw new Error(`not refused: ${text}`)
}

describe('reading', () => {
  it('knows the three types of files', () => {
    const text =
      'file x.2.base.rdb seq 2 type b\nfile x.1.base.rdb seq 1 type h\nfile x.3.incr.aof seq 3 type i\n' +
      'file x.7.incr.aof seq 7 type i\n'
    const manifest = Manifest.parse(text)
    expect(manifest.base).toEqual({ name: 'x.2.base.rdb', sequence: 2 })
    expect(manifest.history).toEqual([{ name: 'x.1.base.rdb', sequence: 1 }])
    expect(manifest.incremental.map(({ sequence }) => sequence)).toEqual([3, 7])
    expect(manifest.current).toEqual({ name: 'x.7.incr.aof', sequence: 7 })
    expect(manifest.isEmpty).toBe(false)
    expect(manifest.print()).toBe(text)
  })

  it.each([
    ['keys in any order and case', 'TYPE b SEQ 1 FILE a\n'],
    ['blanks around and between', ' \t file   a\tseq 1 type b \r\n'],
    ['entries of a newer version', 'file a seq 1 type b startoffset 5 endoffset 9\n'],
    ['a comment', `# anything\n${LINE}# and the last line needs no end`],
    ['a type that is a word', 'file a seq 1 type base\n'],
    ['a number that is followed by something', "file a seq ' +1x' type b\n"],
    ['a key said twice, the last time for good', 'file c file a seq 7 type i seq 1 type b\n'],
    ['a name in quotes', 'file "\\x61" seq 1 type b\n'],
    ['a name with a zero byte, which ends it', 'file "a\\x00b" seq 1 type b\n'],
  ])('takes %s', (_, text) => {
    expect(Manifest.parse(text)).toEqual(new Manifest({ name: 'a', sequence: 1 }, [], []))
  })

  it('takes the longest line that Redis takes', () => {
    const name = 'n'.repeat(1024 - 'file  seq 1 type b\n'.length)
    expect(Manifest.parse(`file ${name} seq 1 type b\n`).base?.name).toBe(name)
    expect(refusal(`file ${name}n seq 1 type b\n`)).toMatchObject({ line: 1, reason: /longer than 1024/ })
  })

  it('takes comments alone', () => {
    expect(Manifest.parse('# nothing\n').isEmpty).toBe(true)
  })

  it.each([
    ['', 0, /empty/],
    ['\n', 1, /not a line/],
    [`${LINE}\n`, 2, /not a line/],
    [`${LINE}  \t\nfile`, 2, /not a line/],
    ['file a seq 1 type b', 1, /does not end/],
    [`${LINE}# c\nfile b seq 1 type i`, 3, /does not end/],
    [`#${'c'.repeat(1024)}\n`, 2, /not a line/],
    ['file a seq 1\n', 1, /not a line/],
    ['file a seq 1 type b x\n', 1, /not a line/],
    ['seq 1 type b key value\n', 1, /not a line/],
    ['file "a seq 1 type b\n', 1, /not a line/],
    ['file a seq 1 type ""\n', 1, /not a line/],
    ['file a seq 0 type b\n', 1, /not a line/],
    ['file a seq x type b\n', 1, /not a line/],
    ['file a seq -1 type b\n', 1, /not a line/],
    ['file a seq 99999999999999999999999 type b\n', 1, /not a line/],
    ['  # no comment\n', 1, /not a line/],
    ['file a\0 seq 1 type b\n', 1, /zero byte/],
    ['file a/b seq 1 type b\n', 1, /path/],
    ['file "a\\\\b" seq 1 type b\n', 1, /path/],
    ['file .. seq 1 type b\n', 1, /path/],
    ['file "" seq 1 type b\n', 1, /path/],
    ['file a seq 1 type x\n', 1, /unknown type/],
    [`${LINE}file b seq 2 type b\n`, 2, /second base/],
    ['file a seq 1 type i\nfile b seq 1 type i\n', 2, /does not rise/],
    ['file a seq 2 type i\n#\nfile b seq 1 type i\n', 3, /does not rise/],
  ])('refuses %j', (text, line, reason) => {
    const refused = refusal(text)
    expect(refused.line).toBe(line)
    expect(refused.reason).toMatch(reason)
  })

  it('says where and why', () => {
    expect(() => Manifest.parse(`${LINE} file b seq 2 type b \n`)).toThrow(
      "a second base, at line 2: 'file b seq 2 type b'",
    )
    expect(() => Manifest.parse('')).toThrow('the manifest is empty')
  })
})

describe('writing', () => {
  it.each([
    ['plain-name_1.2', 'plain-name_1.2'],
    ['with space', '"with space"'],
    ['quote"', '"quote\\""'],
    ["it's", '"it\'s"'],
    ['caf\xc3\xa9', '"caf\\xc3\\xa9"'],
    ['\n\r\t\x07\b\x01', '"\\n\\r\\t\\a\\b\\x01"'],
  ])('%j as %s', (name, word) => {
    const manifest = new Manifest({ name, sequence: 1 }, [], [])
    expect(manifest.print()).toBe(`file ${word} seq 1 type b\n`)
    expect(Manifest.parse(manifest.print())).toEqual(manifest)
  })

  const names = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .map((text) => text.replace(/[^\0-\xff]|[/\\]/g, '_').replaceAll('\0', '_'))
    .filter((name) => name !== '.' && name !== '..')
  const sequences = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
  const files = fc.array(fc.record({ name: names, sequence: sequences }), { maxLength: 5 })

  it('whatever is written is read back', () => {
    fc.assert(
      fc.property(files, files, files, (base, logs, history) => {
        const rising = [...logs]
          .sort((a, b) => a.sequence - b.sequence)
          .filter(({ sequence }, i, all) => sequence !== all[i - 1]?.sequence)
        const manifest = new Manifest(base[0], rising, history)
        if (manifest.print() === '') return
        expect(Manifest.parse(manifest.print())).toEqual(manifest)
      }),
      { numRuns: 500 },
    )
  })
})

describe('names', () => {
  it('of the manifest', () => {
    expect(manifestName('appendonly.aof')).toBe('appendonly.aof.manifest')
  })

  it.each([
    ['a', false],
    ['a b', false],
    ['a/b', true],
    ['a\\b', true],
  ])('%j is a path: %s', (name, expected) => {
    expect(isPath(name)).toBe(expected)
  })
})

describe('a rewrite', () => {
  const NAME = 'appendonly.aof'
  const start = Manifest.EMPTY.withBase(Manifest.EMPTY.nextBase(NAME, 'rdb'), undefined).withNewIncremental(
    NAME,
  )

  it('begins with the first files', () => {
    expect(start.print()).toBe(
      'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    )
  })

  it('goes by a new log, a new base, and the removal of history', () => {
    const before = start.withNewIncremental(NAME).withNewIncremental(NAME)
    const after = before.withBase(before.nextBase(NAME, 'aof'), before.current)
    expect(after.print()).toBe(
      [
        'file appendonly.aof.2.base.aof seq 2 type b',
        'file appendonly.aof.1.incr.aof seq 1 type h',
        'file appendonly.aof.2.incr.aof seq 2 type h',
        'file appendonly.aof.1.base.rdb seq 1 type h',
        'file appendonly.aof.3.incr.aof seq 3 type i',
        '',
      ].join('\n'),
    )
    expect(after.withoutHistory().print()).toBe(
      'file appendonly.aof.2.base.aof seq 2 type b\nfile appendonly.aof.3.incr.aof seq 3 type i\n',
    )
    // None of it has changed what it came from.
    expect(before.history).toEqual([])
    expect(start.incremental).toHaveLength(1)
  })

  it('with a base that holds everything leaves no log', () => {
    const after = start.withBase(start.nextBase(NAME, 'rdb'), undefined)
    expect(after.incremental).toEqual([])
    expect(after.current).toBeUndefined()
    expect(after.history.map(({ name }) => name)).toEqual([`${NAME}.1.incr.aof`, `${NAME}.1.base.rdb`])
  })

  it('never gives a name that history still has', () => {
    const history = [`${NAME}.1.base.rdb`, `${NAME}.2.base.rdb`, `${NAME}.1.incr.aof`]
    const manifest = new Manifest(
      undefined,
      [],
      history.map((name) => ({ name, sequence: 1 })),
    )
    expect(manifest.nextBase(NAME, 'rdb')).toEqual({ name: `${NAME}.3.base.rdb`, sequence: 3 })
    expect(manifest.withNewIncremental(NAME).current).toEqual({ name: `${NAME}.2.incr.aof`, sequence: 2 })
  })
})

describe('hostile input', () => {
  const manifest = [
    'file "my \\"odd\\".aof.12.base.rdb" seq 12 type b',
    '# comment',
    'file a.1.incr.aof seq 1 type h',
    'file a.2.incr.aof seq 2 type i',
    'file a.3.incr.aof seq 3 type i startoffset 7',
    '',
  ].join('\n')

  it('mutated in any way is read or refused, and what is read is read again the same', () => {
    const mutations = fc.array(
      fc.record({
        at: fc.nat(manifest.length),
        remove: fc.nat(6),
        insert: fc.oneof(
          fc.string({ unit: 'binary', maxLength: 3 }),
          fc.constantFrom(
            '\n',
            '"',
            '\\x00',
            '\0',
            ' ',
            'seq',
            'type i',
            '#',
            '999999999999999999',
            '/',
            "'",
          ),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(mutations, (edits) => {
        let text = manifest
        for (const { at, remove, insert } of edits) {
          text = text.slice(0, at) + insert.replace(/[^\0-\xff]/g, '\xff') + text.slice(at + remove)
        }
        let read: Manifest
        try {
          read = Manifest.parse(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ManifestError)
          return
        }
        expect(Manifest.parse(read.print() || '#')).toEqual(read)
      }),
      { numRuns: 20_000 },
    )
  })

  it('takes time in proportion to its length', () => {
    const history = Array.from(
      { length: 100_000 },
      (_, i) => `file a.${i + 1}.base.rdb seq ${i + 1} type h\n`,
    )
    const manifest = Manifest.parse(history.join(''))
    expect(manifest.nextBase('a', 'rdb').sequence).toBe(100_001)
    expect(() => Manifest.parse('x'.repeat(50_000_000))).toThrow(ManifestError)
    expect(() => Manifest.parse(' '.repeat(1_000_000))).toThrow(ManifestError)
  })
})
