/**
 * HyperLogLogs beside redis-server: replies, and the bytes of the strings after every step, stored count and
 * change of form included.
 */
import { describe } from 'vitest'
import { conformance, range, script } from '../support/conformance.js'

/** A HyperLogLog by its parts, for SET. */
const hyll = (form: string, cardinality: string, registers: string) =>
  `"HYLL${form}\\x00\\x00\\x00${cardinality}${registers}"`
const sparse = (registers: string, cardinality = '\\x00'.repeat(8)) => hyll('\\x01', cardinality, registers)
/** Compressed strings differ between compressors, so the dumps of long strings are compared without. */
const uncompressed = { args: ['--rdbcompression', 'no'] }
const dense = (registers: string, cardinality = '\\x00'.repeat(8)) => hyll('\\x00', cardinality, registers)

describe('PFADD', () => {
  conformance(
    'bytes after each step',
    script`
      PFADD k
      GET k
      PFADD k
      PFADD k a
      GET k
      PFADD k a
      PFADD k b c d e
      GET k
      PFADD k a b c d e
      PFCOUNT k
      GET k
      PFADD k a
      GET k
      PFADD k f
      GET k
      PFADD k "" "\x00" "a\r\nb" "\xff\xfe\xfd" 12345678 123456789 1234567 1234567812345678 12345678123456789
      GET k
      DUMP k
      OBJECT ENCODING k
      STRLEN k
      TYPE k
      EXPIRE k 1000
      PFADD k g
      TTL k
      PFDEBUG DECODE k
      PFDEBUG GETREG k
      GET k
      PFADD k h i j
      GET k
      PFADD
    `,
  )

  conformance(
    'growing into the dense form',
    async ({ both, play }) => {
      for (let first = 1; first <= 4000; first += 100) {
        await both(`PFADD k ${range(first, first + 99)}`)
        await both('GET k')
        if (first % 500 === 1) await both('PFCOUNT k')
        await both('PFDEBUG ENCODING k')
      }
      await play('PFCOUNT k\nGET k\nDUMP k\nOBJECT ENCODING k')
    },
    uncompressed,
  )

  for (const limit of ['0', '18', '40', '500', '20000']) {
    conformance(`hll-sparse-max-bytes ${limit}`, async ({ both, play }) => {
      await both(`CONFIG SET hll-sparse-max-bytes ${limit}`)
      for (let n = 1; n <= 30; n++) await play(`PFADD k ${n}\nPFDEBUG ENCODING k\nGET k`)
      for (let first = 100; first <= 8000; first += 500) {
        await play(`PFADD k ${range(first, first + 499)}\nPFDEBUG ENCODING k\nPFCOUNT k\nGET k`)
        await play(`PFADD l ${range(first, first + 99)}\nPFDEBUG ENCODING l\nPFMERGE m l\nGET m`)
      }
      await both('CONFIG SET hll-sparse-max-bytes 3000')
    })
  }

  conformance(
    'lengths of runs at their limits',
    script`
      SET k ${sparse('\\x3f\\x7f\\xbe\\x00')}
      PFCOUNT k
      SET k ${sparse('\\x7f\\xff')}
      ${Array.from({ length: 300 }, (_, n) => `PFADD k x${n}\nGET k`).join('\n')}
      SET v ${sparse('\\x87'.repeat(4096))}
      PFCOUNT v
      ${Array.from({ length: 100 }, (_, n) => `PFADD v x${n}\nGET v`).join('\n')}
      CONFIG SET hll-sparse-max-bytes 10000
      SET v ${sparse('\\x87'.repeat(4096))}
      ${Array.from({ length: 100 }, (_, n) => `PFADD v x${n}\nGET v`).join('\n')}
      SET w ${sparse('\\x00'.repeat(16384))}
      PFCOUNT w
      ${Array.from({ length: 100 }, (_, n) => `PFADD w x${n}`).join('\n')}
      GET w
      SET x ${sparse('\\x40\\x00'.repeat(16384))}
      PFCOUNT x
      CONFIG SET hll-sparse-max-bytes 100000
      ${Array.from({ length: 100 }, (_, n) => `PFADD x x${n}`).join('\n')}
      GET x
      PFDEBUG TODENSE x
      PFCOUNT x
      CONFIG SET hll-sparse-max-bytes 3000
    `,
  )
})

describe('PFCOUNT', () => {
  conformance(
    'one key: the stored count',
    script`
      PFCOUNT none
      EXISTS none
      PFADD k a b c
      PFCOUNT k
      GET k
      PFCOUNT k
      SET k ${sparse('\\x7f\\xff', '\\x07\\x00\\x00\\x00\\x00\\x00\\x00\\x00')}
      PFCOUNT k
      SET k ${sparse('\\x7f\\xff', '\\x07\\x00\\x00\\x00\\x00\\x00\\x00\\x80')}
      PFCOUNT k
      GET k
      SET k ${sparse('\\x7f\\xff', '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x7f')}
      PFCOUNT k
      PFCOUNT k none
      SET k ${sparse('\\x7f\\xff', '\\x01\\x00\\x00\\x00\\x00\\x00\\x20\\x00')}
      PFCOUNT k
      SET k ${sparse('\\x7f\\xff', '\\xff\\xff\\xff\\xff\\xff\\xff\\x1f\\x00')}
      PFCOUNT k
      SET k ${sparse('', '\\x09\\x00\\x00\\x00\\x00\\x00\\x00\\x00')}
      PFCOUNT k
      OBJECT ENCODING k
      GET k
    `,
  )

  conformance(
    'registers of every value',
    script`
      ${[
        '\\x00',
        '\\x41\\x10\\x04',
        '\\x55',
        '\\xaa',
        '\\xff',
        '\\xb2\\x2c\\xcb',
        '\\xf3\\x3c\\xcf',
        '\\x9f\\xe7\\x79',
      ]
        .map((bytes) => {
          const count = 12288 / (bytes.length / 4)
          const registers = bytes.repeat(count)
          const stale = `${'\\x00'.repeat(7)}\\x80`
          return `SET k ${dense(registers, stale)}\nPFCOUNT k\nGET k\nPFCOUNT k k\nPFADD k a b c\nGET k\nPFCOUNT k`
        })
        .join('\n')}
      SET k ${sparse('\\xff'.repeat(4096), `${'\\x00'.repeat(7)}\\x80`)}
      PFCOUNT k
      GET k
      PFADD k a
      PFCOUNT k
    `,
  )

  conformance(
    'several keys',
    script`
      PFADD a ${range(1, 100)}
      PFADD b ${range(50, 150)}
      PFADD c ${range(1, 5000)}
      PFCOUNT a b
      PFCOUNT a b none
      PFCOUNT none other
      PFCOUNT c a
      PFCOUNT a a
      PFCOUNT a b c
      GET a
      GET b
      GET c
      LPUSH l x
      SET s x
      PFCOUNT a l
      PFCOUNT a s
      PFCOUNT s l
      PFCOUNT
    `,
  )

  conformance(
    'storing the count is a change',
    script`
      PFADD k a b c
      A> WATCH k
      PFCOUNT k
      A> MULTI
      A> GET k
      A> EXEC
      A> WATCH k
      PFCOUNT k
      PFCOUNT k k
      A> MULTI
      A> GET k
      A> EXEC
    `,
  )
})

describe('PFMERGE', () => {
  conformance(
    'bytes of the result',
    script`
      PFMERGE d
      GET d
      PFMERGE d none
      GET d
      PFADD a ${range(1, 100)}
      PFADD b ${range(50, 150)}
      PFADD c ${range(1, 5000)}
      PFMERGE d a
      GET d
      PFCOUNT d
      PFMERGE d b
      GET d
      PFMERGE e a b
      GET e
      PFMERGE f e c
      PFDEBUG ENCODING f
      GET f
      PFMERGE a c
      GET a
      PFMERGE a a a
      GET a
      PFMERGE b b
      GET b
      EXPIRE b 1000
      PFMERGE b c
      TTL b
      DUMP b
      PFADD g ${range(1, 700)}
      PFADD h ${range(701, 1500)}
      PFADD i ${range(1501, 2300)}
      PFMERGE g h
      PFDEBUG ENCODING g
      GET g
      PFMERGE g i
      PFDEBUG ENCODING g
      GET g
      PFMERGE
    `,
    uncompressed,
  )

  conformance(
    'errors change nothing',
    script`
      PFADD a 1 2 3
      PFCOUNT a
      LPUSH l x
      SET s x
      PFMERGE a l
      PFMERGE a s
      PFMERGE l a
      PFMERGE s a
      PFMERGE a ${sparse('\\x00')}
      SET bad ${sparse('\\x00')}
      PFMERGE a bad
      PFMERGE bad a
      PFMERGE none bad
      EXISTS none
      GET a
      GET s
      GET bad
    `,
  )
})

describe('PFDEBUG and PFSELFTEST', () => {
  conformance(
    'subcommands',
    script`
      PFADD k a b c
      PFDEBUG ENCODING k
      PFDEBUG decode k
      PFDEBUG GetReg k
      PFDEBUG ENCODING k
      PFDEBUG DECODE k
      PFDEBUG TODENSE k
      GET k
      PFADD l a b c ${range(1, 300)}
      PFDEBUG DECODE l
      PFCOUNT l
      PFDEBUG TODENSE l
      PFDEBUG TODENSE l
      GET l
      PFCOUNT l
      PFDEBUG FOO l
      PFDEBUG FOO none
      PFDEBUG GETREG none
      PFDEBUG "a\r\nb" l
      SET s x
      LPUSH list x
      PFDEBUG GETREG s
      PFDEBUG GETREG list
      PFDEBUG FOO s
      PFDEBUG GETREG
      PFDEBUG GETREG l x
      PFDEBUG
      SET bad ${sparse('\\x00\\x85\\x44')}
      PFDEBUG DECODE bad
      PFDEBUG GETREG bad
      PFDEBUG TODENSE bad
      PFDEBUG ENCODING bad
      GET bad
    `,
  )

  conformance('PFSELFTEST', 'PFSELFTEST x\nPFSELFTEST => +OK')
})

describe('strings that are none', () => {
  conformance(
    'without the header',
    script`
      LPUSH l x
      ${[
        '""',
        'x',
        '123',
        '9007199254740992000',
        '"HYLL"',
        '"HYLL\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"',
        hyll('\\x02', '\\x00'.repeat(8), '\\x7f\\xff'),
        hyll('\\xff', '\\x00'.repeat(8), '\\x7f\\xff'),
        '"hyll\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x7f\\xff"',
        '"HYLM\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x7f\\xff"',
        dense('\\x00'),
        dense('\\x00'.repeat(12287)),
        dense('\\x00'.repeat(12289)),
      ]
        .map((text) =>
          [
            `SET k ${text}`,
            'PFADD k',
            'PFADD k a',
            'PFCOUNT k',
            'PFCOUNT k k',
            'PFCOUNT none k',
            'PFMERGE k',
            'PFMERGE d k',
            'PFMERGE k l',
            'PFDEBUG ENCODING k',
            'PFDEBUG FOO k',
            'GET k',
            'OBJECT ENCODING k',
          ].join('\n'),
        )
        .join('\n')}
      PFADD l a
      PFADD l
      PFCOUNT l
      PFCOUNT l l
      PFDEBUG GETREG l
      EXISTS d
    `,
  )

  const STALE = `${'\\x00'.repeat(7)}\\x80`
  conformance(
    'with runs that do not add up',
    script`
      ${[
        '',
        '\\x00',
        '\\x7f\\xfe',
        '\\x7f\\xff\\x00',
        '\\x7f\\xff\\x80',
        '\\x80',
        '\\xff'.repeat(100),
        '\\x3f\\x7f\\xff',
        '\\x7f\\xff\\x7f\\xff',
        '\\xff'.repeat(4097),
        '\\x7f\\xfb\\x83\\x80',
      ]
        .map((runs) =>
          [
            `SET k ${sparse(runs, STALE)}`,
            'PFCOUNT k',
            'PFCOUNT k none',
            'PFMERGE d k',
            'PFMERGE k d',
            'PFDEBUG DECODE k',
            'PFDEBUG TODENSE k',
            'PFDEBUG GETREG k',
            'PFADD k',
            'GET k',
            'PFADD k a',
            'GET k',
            'PFADD k b',
            'GET k',
            'OBJECT ENCODING k',
          ].join('\n'),
        )
        .join('\n')}
      EXISTS d
    `,
  )

  conformance(
    'with half an XZERO at the end',
    script`
      ${[
        '\\x40',
        '\\x7f',
        '\\x3f\\x3f\\x3f\\x3e\\x7f',
        '\\x3f\\x3f\\x3f\\x3f\\x7f',
        '\\x85\\x7f',
        '\\x85\\x40',
      ]
        .map((runs) =>
          [
            `SET k ${sparse(runs, STALE)}`,
            'PFCOUNT k',
            'PFMERGE d k',
            'PFDEBUG DECODE k',
            'PFDEBUG TODENSE k',
            'GET k',
          ].join('\n'),
        )
        .join('\n')}
      # Redis writes over the end of the string here.
      SET k ${sparse('\\x7f', STALE)}
      PFADD k a
      DEL k
    `,
  )

  conformance(
    'no element is added where a later one shows the fault',
    script`
      # The registers of a and b: one is there, the other is not.
      SET k ${sparse('\\x7f\\xbf')}
      PFADD k a
      PFADD k b
      PFADD k c
      GET k
      SET k ${sparse('\\x5f\\xff')}
      PFADD k ${range(1, 20)}
      GET k => ${sparse('\\x5f\\xff')}
      ~no-digest
    `,
  )

  conformance('longer than runs that add up can be', async ({ russet, play }) => {
    // Redis adds to the beginning of such a string; here it is refused.
    await russet.send('SET', 'k', `HYLL\x01${'\0'.repeat(11)}${'@\0'.repeat(16385)}`)
    await play(script`
      PFADD k a => !INVALIDOBJ Corrupted HLL object detected
      PFDEBUG DECODE k => !INVALIDOBJ Corrupted HLL object detected
      PFCOUNT k => 0
      DEL k => 1
    `)
  })
})
