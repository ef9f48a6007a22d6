/** What is no proper RESP, and how Redis takes it: error texts, limits, closing, any split of the input. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { startRedis, startRusset } from '../support/redis-server.js'
import type { RespConnection } from '../support/resp-connection.js'
import { printReply } from '../support/resp-reader.js'
import { onBoth, type Side, sharedPair } from '../support/server-pair.js'

/** Everything that comes back for `bytes` up to the end of the connection, or up to the reply to a last ECHO. */
async function answer(connection: RespConnection, bytes: string): Promise<string> {
  const replies: string[] = []
  connection.sendRaw(bytes)
  for (;;) {
    const reply = await connection.nextPush()
    replies.push(printReply(reply))
    if (reply.type === 'closed' || reply.raw === '$3\r\nend\r\n') return replies.join('\n')
  }
}

const END = '*2\r\n$4\r\nECHO\r\n$3\r\nend\r\n'

/** Sends `bytes` to both servers, then a last command, and compares all that comes back. */
async function compare(bytes: string): Promise<void> {
  const pair = await sharedPair()
  const connections = await pair.connect()
  const answers = await onBoth((side) => answer(connections[side], bytes + END))
  await onBoth((side) => connections[side].close())
  expect(`${JSON.stringify(bytes)}\n${answers.russet}`).toBe(`${JSON.stringify(bytes)}\n${answers.redis}`)
}

describe('malformed requests', () => {
  test.each([
    ...['*x\r\n', '*\r\n', '*-\r\n', '*1x\r\n', '* 1\r\n', '*1 \r\n', '*+1\r\n', '*01\r\n', '*1.0\r\n'],
    ...['*2147483648\r\n', '*99999999999999999999\r\n', '*-99999999999999999999\r\n'],
    ...['*1\r\n+PING\r\n', '*1\r\n:1\r\n', '*1\r\nPING\r\n', '*1\r\n*1\r\n', '*1\r\n\r\n', '*1\r\n\xff\r\n'],
    ...[
      '*1\r\n$x\r\n',
      '*1\r\n$\r\n',
      '*1\r\n$-1\r\n',
      '*1\r\n$-0\r\n',
      '*1\r\n$1x\r\nP\r\n',
      '*1\r\n$ 4\r\nPING\r\n',
    ],
    ...[
      '*1\r\n$04\r\nPING\r\n',
      '*1\r\n$+4\r\nPING\r\n',
      '*1\r\n$536870913\r\n',
      '*1\r\n$99999999999999999999\r\n',
    ],
    ...['*2\r\n$4\r\nPING\r\n$x\r\n', '*2\r\n$4\r\nPING\r\n', '*3\r\n$3\r\nGET\r\n$-5\r\n'],
    ...['PING\r\n*x\r\nPING\r\n', 'SET k v\r\n*1\r\n$x\r\nGET k\r\n'],
  ])('%j', (bytes) => compare(bytes))

  test.each([
    ...['*0\r\n', '*-1\r\n', '*-5\r\n', '*0\r\n*0\r\nPING\r\n', '\r\n', '\n\n\n', '   \r\n', '\r\nPING\r\n'],
    ...['*1\r\n$4\r\nPINGxx', '*1\r\n$4\r\nPING\n\n', '*1\r\n$0\r\n\r\n', '*2\r\n$4\r\nPING\r\n$0\r\n\r\n'],
  ])('%j is taken', (bytes) => compare(bytes))
})

describe('inline commands', () => {
  test.each([
    ...[
      'PING\r\n',
      'PING\n',
      'ping hello\n',
      '  PING   hello  \r\n',
      '\tPING\t"hello"\n',
      'PING\r\nPING 2\nPING 3\r\n',
    ],
    ...[
      'ECHO "a b"\n',
      "ECHO 'a b'\n",
      'ECHO "a\\x41\\n\\r\\t\\a\\b\\"\\\\z"\n',
      "ECHO 'a\\'b\\n'\n",
      'ECHO ""\n',
      "ECHO ''\n",
    ],
    ...[
      'ECHO "\\xZZ"\n',
      'ECHO "\\x4"\n',
      'ECHO a"b"\n',
      "ECHO a'b c'd\n",
      'ECHO "a"b\n',
      "ECHO 'a'b\n",
      'ECHO "a\n',
      "ECHO 'a\n",
    ],
    ...[
      'ECHO a\\ b\n',
      'ECHO \xff\xfe\n',
      '"PING"\n',
      '""\n',
      "''\n",
      '"" ""\n',
      'NOPE a b\n',
      '$4\r\nPING\r\n',
    ],
    ...['+PING\r\n', ':1\r\n', 'GET\n'],
  ])('%j', (bytes) => compare(bytes))
})

describe('limits', () => {
  test.each([
    ['an inline command without an end', 'x'.repeat(70_000)],
    ['a count without an end', `*${'1'.repeat(70_000)}`],
    ['a length without an end', `*1\r\n$${'1'.repeat(70_000)}`],
    ['a line that is no length', `*1\r\n${'x'.repeat(70_000)}`],
  ])('%s', async (_name, bytes) => {
    const pair = await sharedPair()
    const connections = await pair.connect()
    const answers = await onBoth((side) => answer(connections[side], bytes))
    expect(answers.russet).toBe(answers.redis)
  })

  test('a long inline command', () => compare(`ECHO ${'x'.repeat(60_000)}\n`))

  test('a command of very many arguments', async () => {
    const count = 100_000
    const keys = Array.from({ length: count }, (_, i) => `$${`${i}`.length + 1}\r\nk${i}\r\n`).join('')
    await compare(`*${count + 1}\r\n$3\r\nDEL\r\n${keys}`)
  })

  test('proto-max-bulk-len', async () => {
    const pair = await sharedPair()
    await pair.ask('CONFIG', 'SET', 'proto-max-bulk-len', '1mb')
    try {
      await compare(`*2\r\n$4\r\nECHO\r\n$1048577\r\n`)
      await compare(`*2\r\n$6\r\nSTRLEN\r\n$1048576\r\n${'x'.repeat(1_048_576)}\r\n`)
    } finally {
      await pair.ask('CONFIG', 'SET', 'proto-max-bulk-len', '512mb')
    }
  })

  test('client-query-buffer-limit', async () => {
    const pair = await sharedPair()
    await pair.ask('CONFIG', 'SET', 'client-query-buffer-limit', '1mb')
    try {
      const connections = await pair.connect()
      await onBoth(async (side) => {
        const connection = connections[side]
        connection.sendRaw(`*2\r\n$4\r\nECHO\r\n$50000000\r\n${'x'.repeat(3_000_000)}`)
        await connection.whenClosed
      })
      // What is collected for EXEC counts, too.
      const { russet } = await pair.connect()
      await russet.send('MULTI')
      russet.sendRaw(`*2\r\n$4\r\nECHO\r\n$500000\r\n${'x'.repeat(500_000)}\r\n`.repeat(4))
      await russet.whenClosed
    } finally {
      await pair.ask('CONFIG', 'SET', 'client-query-buffer-limit', '1gb')
    }
    expect((await pair.ask('PING')).russet.raw).toBe('+PONG\r\n')
  })
})

describe('before authentication', () => {
  const onServers = async (steps: (connect: (side: Side) => Promise<RespConnection>) => Promise<void>) => {
    const args = ['--requirepass', 'secret']
    const [redis, russet] = await Promise.all([startRedis({ args }), startRusset({ args })])
    try {
      await steps((side) => ({ redis, russet })[side].connect())
    } finally {
      await Promise.all([redis.stop(), russet.stop()])
    }
  }

  test('limits are tighter, and hold no more once the client is known', () =>
    onServers(async (connect) => {
      const words = (count: number) => `*${count}\r\n${'$4\r\nECHO\r\n'.repeat(count)}`
      const long = (length: number) => `*2\r\n$4\r\nAUTH\r\n$${length}\r\n${'x'.repeat(length)}\r\n`
      const auth = '*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n'
      const quit = '*1\r\n$4\r\nQUIT\r\n'
      for (const bytes of [
        ...[words(10) + quit, words(11) + quit, long(16_384) + quit, long(16_385) + quit],
        ...[
          auth + words(11) + quit,
          auth + long(16_385) + quit,
          `PING\r\nNOPE\r\nGET\r\n${quit}`,
          `MULTI\r\n${quit}`,
        ],
        ...[
          `HELLO 2\r\n${quit}`,
          `RESET\r\n${auth}PING\r\nRESET\r\nPING\r\n${quit}`,
          `CLIENT ID\r\nGET x\r\n${quit}`,
        ],
      ]) {
        const answers = await onBoth(async (side) => answer(await connect(side), bytes))
        // Redis 7.4 names the protocol version in the hint of HELLO.
        expect(answers.russet.replace('HELLO <proto> AUTH', 'HELLO AUTH')).toBe(answers.redis)
      }
    }))
})

conformance(
  'a protocol error leaves other clients and the data alone',
  script`
    A> MULTI
    A> SET k v
    A>> "*1\r\n$x\r\n"
    A<
    GET k
    PING
  `,
)

test('any split of the input gives the same replies', async () => {
  const pair = await sharedPair()
  const requests = [
    'PING\r\n',
    '*1\r\n$4\r\nPING\r\n',
    '*2\r\n$4\r\nECHO\r\n$6\r\na\r\nb\xff\0\r\n',
    'ECHO "a b"\r\n',
    '*0\r\n',
    '\r\n',
    '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n',
    `*2\r\n$6\r\nSTRLEN\r\n$300\r\n${'k'.repeat(300)}\r\n`,
    '*2\r\n$4\r\nNOPE\r\n$1\r\nx\r\n',
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...requests), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      async (chosen, sizes) => {
        const bytes = chosen.join('') + END
        const { redis, russet } = await pair.connect()
        const expected = await answer(redis, bytes)
        // Each piece is a packet of its own: the connection sends at once.
        let at = 0
        for (let i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] as number
          russet.sendRaw(bytes.slice(at, at + size))
          at += size
          await new Promise((resume) => setImmediate(resume))
        }
        expect(await answer(russet, '')).toBe(expected)
        await Promise.all([redis.close(), russet.close()])
      },
    ),
    { numRuns: 60 },
  )
})

test('byte by byte', async () => {
  const { russet } = await (await sharedPair()).connect()
  for (const byte of `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na\r\n\r\nGET k\r\n${END}`) {
    russet.sendRaw(byte)
    await new Promise((resume) => setImmediate(resume))
  }
  expect(await answer(russet, '')).toBe('+OK\n"a\\r\\n"\n"end"')
  await russet.close()
})

test('random bytes neither end the server nor hang it', async () => {
  const pair = await sharedPair()
  const bytes = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text).toString('latin1')),
    fc
      .array(
        fc.constantFrom('*', '$', '\r\n', '\n', '1', '-', '3', 'GET', 'k', '"', "'", '\0', ' ', ':', '+'),
        { maxLength: 60 },
      )
      .map((words) => words.join('')),
  )
  await fc.assert(
    fc.asyncProperty(bytes, async (input) => {
      const { redis, russet } = await pair.connect()
      await redis.close()
      russet.sendRaw(input)
      // It may wait for more, answer, or close: in any case the next client is served.
      expect((await pair.control.russet.send('PING')).raw).toBe('+PONG\r\n')
      await russet.close()
    }),
    { numRuns: 200 },
  )
})
