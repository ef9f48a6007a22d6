/** CLIENT with all of its subcommands. */
import { describe, expect } from 'vitest'
import { type ConformanceContext, conformance, script } from '../support/conformance.js'
import { bulkOf } from '../support/replies.js'
import type { RespConnection } from '../support/resp-connection.js'

/** Fields of one line of CLIENT LIST. */
function fieldsOf(line: string): Map<string, string> {
  return new Map(
    line
      .trim()
      .split(' ')
      .map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]),
  )
}

async function infoOf(connection: RespConnection): Promise<Map<string, string>> {
  const reply = await connection.send('CLIENT', 'INFO')
  return fieldsOf(reply.type === 'verbatim' ? reply.value : bulkOf(reply))
}

describe('names', () => {
  conformance(
    'SETNAME and GETNAME',
    script`
      CLIENT GETNAME
      CLIENT SETNAME me
      CLIENT GETNAME
      CLIENT SETNAME "a b"
      CLIENT SETNAME "a\n"
      CLIENT SETNAME "\x7f"
      CLIENT SETNAME "\xff"
      CLIENT GETNAME
      CLIENT SETNAME !~
      CLIENT GETNAME
      CLIENT SETNAME ""
      CLIENT GETNAME
      CLIENT SETNAME
      CLIENT SETNAME a b
      CLIENT GETNAME x
    `,
  )

  conformance('SETINFO', async ({ russet, play }) => {
    await play(script`
      CLIENT SETINFO LIB-NAME lib(v1) => +OK
      CLIENT SETINFO lib-ver 1.2.3 => +OK
      CLIENT SETINFO lib-ver "1 2" => !ERR lib-ver cannot contain spaces, newlines or special characters.
      CLIENT SETINFO LIB-NAME "a\nb" => !ERR LIB-NAME cannot contain spaces, newlines or special characters.
      CLIENT SETINFO nope 1 => !ERR Unrecognized option 'nope'
      CLIENT SETINFO LIB-NAME => !"ERR wrong number of arguments for 'client|setinfo' command"
    `)
    const info = await infoOf(russet)
    expect(info.get('lib-name')).toBe('lib(v1)')
    expect(info.get('lib-ver')).toBe('1.2.3')
    await play('CLIENT SETINFO LIB-NAME "" => +OK')
    expect((await infoOf(russet)).get('lib-name')).toBe('')
  })
})

conformance(
  'ID, GETREDIR, NO-EVICT, NO-TOUCH, HELP',
  script`
    CLIENT ID ~type
    CLIENT GETREDIR
    CLIENT NO-EVICT on
    CLIENT NO-EVICT OFF
    CLIENT NO-EVICT x
    CLIENT NO-EVICT
    CLIENT NO-TOUCH on => +OK
    CLIENT NO-TOUCH OFF => +OK
    CLIENT NO-TOUCH x => !ERR syntax error
    CLIENT HELP ~kind
    CLIENT HELP x
  `,
)

describe('LIST and INFO', () => {
  conformance(
    'filters and their errors',
    script`
      CLIENT LIST x
      CLIENT LIST TYPE
      CLIENT LIST TYPE x
      CLIENT LIST TYPE normal x
      CLIENT LIST TYPE master
      CLIENT LIST TYPE replica
      CLIENT LIST TYPE SLAVE
      CLIENT LIST TYPE pubsub
      CLIENT LIST TYPE Normal ~kind
      CLIENT LIST ID
      CLIENT LIST ID x
      CLIENT LIST ID 1 x
      CLIENT LIST ID 0 -1 9999999
      CLIENT LIST ID 99999999999999999999
      CLIENT LIST ~kind
      CLIENT INFO x
    `,
  )

  conformance(
    'fields are those of redis-server, in its order, and those of 7.4',
    async ({ redis, russet }) => {
      const theirs = [...(await infoOf(redis)).keys()]
      const ours = [...(await infoOf(russet)).keys()]
      const newer = ['watch', 'lib-name', 'lib-ver']
      expect(ours.filter((field) => !newer.includes(field))).toEqual(theirs)
      expect(ours.slice(ours.indexOf('multi'), ours.indexOf('multi') + 2)).toEqual(['multi', 'watch'])
      expect(ours.slice(-2)).toEqual(['lib-name', 'lib-ver'])
    },
  )

  conformance('values follow the client', async ({ redis, russet, both, protocol }) => {
    const same = async (...names: string[]) => {
      const [theirs, ours] = [await infoOf(redis), await infoOf(russet)]
      for (const name of names) expect(`${name}=${ours.get(name)}`).toBe(`${name}=${theirs.get(name)}`)
      return ours
    }
    await same('name', 'age', 'idle', 'flags', 'db', 'sub', 'psub', 'multi', 'cmd', 'user', 'redir', 'resp')
    await both('CLIENT SETNAME me')
    await both('SELECT 3')
    const info = await same('name', 'db', 'resp')
    expect(info.get('resp')).toBe(String(protocol))
    expect(info.get('addr')).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(info.get('laddr')).toMatch(/^127\.0\.0\.1:\d+$/)
    await both('WATCH a b')
    expect((await infoOf(russet)).get('watch')).toBe('2')
    await both('CLIENT NO-EVICT ON')
    expect((await same('flags')).get('flags')).toBe('e')
  })

  conformance('what others see of a client', async ({ both, play, redis, russet }) => {
    await play(script`
      A> CLIENT SETNAME blocked
      A> BLPOP l 0
      B> CLIENT SETNAME collecting
      B> MULTI
      B> GET k
      C> CLIENT SETNAME broken
      C> WATCH k
      SET k v
    `)
    const lineOf = async (connection: RespConnection, name: string) => {
      const reply = await connection.send('CLIENT', 'LIST')
      const text = reply.type === 'verbatim' ? reply.value : bulkOf(reply)
      return fieldsOf(text.split('\n').find((line) => line.includes(` name=${name} `)) ?? '')
    }
    for (const name of ['blocked', 'collecting', 'broken']) {
      const [theirs, ours] = [await lineOf(redis, name), await lineOf(russet, name)]
      for (const field of ['flags', 'multi', 'cmd', 'db', 'events']) {
        expect(`${name} ${field}=${ours.get(field)}`).toBe(`${name} ${field}=${theirs.get(field)}`)
      }
    }
    await both('RPUSH l x')
    await play('A<')
  })

  conformance('several ids', async ({ redis, russet, both }) => {
    await both('PING')
    for (const connection of [redis, russet]) {
      const id = await connection.send('CLIENT', 'ID')
      if (id.type !== 'integer') throw new Error('no id')
      const list = await connection.send('CLIENT', 'LIST', 'ID', id.value, 9999999, id.value)
      const text = list.type === 'verbatim' ? list.value : bulkOf(list)
      expect(text.split('\n')).toHaveLength(3)
      expect(text.startsWith(`id=${id.value} `)).toBe(true)
    }
  })
})

describe('KILL', () => {
  conformance(
    'filters and their errors',
    script`
      CLIENT KILL
      CLIENT KILL 1.2.3.4:5
      CLIENT KILL ID
      CLIENT KILL ID x
      CLIENT KILL ID 0
      CLIENT KILL ID -1
      CLIENT KILL ID 9999999
      CLIENT KILL ID 99999999999999999999
      CLIENT KILL ID 9999999 TYPE
      CLIENT KILL TYPE x
      CLIENT KILL TYPE master
      CLIENT KILL TYPE replica
      CLIENT KILL TYPE pubsub
      CLIENT KILL USER nobody
      CLIENT KILL SKIPME x
      CLIENT KILL SKIPME
      CLIENT KILL ADDR 1.2.3.4:5 LADDR 1.2.3.4:6
      CLIENT KILL x y
      CLIENT KILL ID 9999999 SKIPME yes SKIPME no
      CLIENT KILL MAXAGE x => !ERR maxage is not an integer or out of range
      CLIENT KILL MAXAGE 0 => !ERR maxage should be greater than 0
      CLIENT KILL MAXAGE -1 => !ERR maxage should be greater than 0
      CLIENT KILL MAXAGE 100000 SKIPME no => 0
    `,
  )

  const others = async ({ play, redis, russet }: ConformanceContext, option: string, field: string) => {
    await play('A> CLIENT SETNAME victim')
    for (const connection of [redis, russet]) {
      const reply = await connection.send('CLIENT', 'LIST')
      const text = reply.type === 'verbatim' ? reply.value : bulkOf(reply)
      const victim = fieldsOf(text.split('\n').find((line) => line.includes(' name=victim ')) ?? '')
      const killed = await connection.send('CLIENT', 'KILL', option, victim.get(field) ?? '')
      expect(killed.raw).toBe(':1\r\n')
    }
    await play(script`
      A> PING
      PING
    `)
  }

  conformance('by id', (context) => others(context, 'ID', 'id'))
  conformance('by address', (context) => others(context, 'ADDR', 'addr'))

  conformance('the old form, oneself', async ({ redis, russet, both }) => {
    for (const connection of [redis, russet]) {
      const reply = await connection.send('CLIENT', 'KILL', (await infoOf(connection)).get('addr') ?? '')
      expect(reply.raw).toBe('+OK\r\n')
    }
    await both('PING')
  })

  conformance('oneself by id', async ({ redis, russet, both }) => {
    for (const connection of [redis, russet]) {
      const id = (await infoOf(connection)).get('id') ?? ''
      expect((await connection.send('CLIENT', 'KILL', 'ID', id)).raw).toBe(':0\r\n')
      expect((await connection.send('CLIENT', 'KILL', 'ID', id, 'SKIPME', 'no')).raw).toBe(':1\r\n')
    }
    await both('PING')
  })

  conformance('a blocked client, and one that watches', async ({ play, redis, russet, both }) => {
    await play(script`
      A> BLPOP l 0
      B> WATCH k
    `)
    for (const connection of [redis, russet]) {
      const own = (await infoOf(connection)).get('id')
      const list = await connection.send('CLIENT', 'LIST', 'TYPE', 'normal')
      const text = list.type === 'verbatim' ? list.value : bulkOf(list)
      for (const line of text.trim().split('\n')) {
        const fields = fieldsOf(line)
        const waits = fields.get('cmd') === 'blpop' || fields.get('cmd') === 'watch'
        if (fields.get('id') !== own && waits)
          await connection.send('CLIENT', 'KILL', 'ID', fields.get('id') ?? '')
      }
    }
    await play(script`
      A<
      B> PING
      RPUSH l x
      LLEN l
      SET k v
    `)
    await both('PING')
  })
})

describe('REPLY', () => {
  conformance(
    'modes',
    script`
      CLIENT REPLY ON
      CLIENT REPLY on x
      CLIENT REPLY x
      CLIENT REPLY
      A>> "CLIENT REPLY OFF\r\nPING\r\nNOPE\r\nCLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nPING back\r\n"
      A<
      B>> "CLIENT REPLY SKIP\r\nPING 1\r\nPING 2\r\n"
      C>> "CLIENT REPLY SKIP\r\nNOPE\r\nPING 2\r\n"
      D>> "CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING 1\r\nPING 2\r\n"
    `,
  )

  conformance('QUIT closes although nothing is replied', async ({ russet, play }) => {
    russet.sendRaw('CLIENT REPLY OFF\r\nSET k v\r\nQUIT\r\n')
    await russet.whenClosed
    await play(script`
      A> GET k => "v"
      A> DEL k => 1
    `)
  })
})

describe('PAUSE and UNPAUSE', () => {
  conformance(
    'errors',
    script`
      CLIENT PAUSE
      CLIENT PAUSE x
      CLIENT PAUSE 1.5
      CLIENT PAUSE -1
      CLIENT PAUSE 1 x
      CLIENT PAUSE x x
      CLIENT PAUSE 1 ALL x
      CLIENT PAUSE 9223372036854775808
      CLIENT PAUSE 0
      PING
      CLIENT UNPAUSE x
      CLIENT UNPAUSE
      CLIENT UNPAUSE
    `,
  )

  conformance(
    'WRITE holds writes back until it ends',
    script`
      SET k 1
      CLIENT PAUSE 100000 WRITE
      A> SET k 2
      A?
      B> GET k
      C> MULTI
      C> GET k
      C> EXEC
      D> MULTI
      D> SET k 3
      D?
      CLIENT UNPAUSE
      A<
      D<
      D> EXEC
      GET k
    `,
  )

  conformance(
    'a pause ends by itself, in order',
    script`
      CLIENT PAUSE 60 WRITE
      A> RPUSH l a
      B> RPUSH l b
      C> RPUSH l c
      A<
      B<
      C<
      LRANGE l 0 -1
    `,
  )

  conformance(
    'ALL holds back everything until it ends',
    script`
      A> SET k v
      CLIENT PAUSE 60 ALL
      A> GET k
      CLIENT PAUSE 60
      A> PING
      PING
    `,
  )

  conformance('a client that is held back cannot be unblocked', async ({ play, both }) => {
    await play(script`
        CLIENT PAUSE 100000 WRITE
        A> SET k v
        A?
        CLIENT UNBLOCK 999999
      `)
    await both('CLIENT UNPAUSE')
    await play(script`
        A<
        GET k
      `)
  })
})

describe('UNBLOCK', () => {
  conformance(
    'errors',
    script`
      CLIENT UNBLOCK
      CLIENT UNBLOCK x
      CLIENT UNBLOCK 1.5 TIMEOUT
      CLIENT UNBLOCK x nope
      CLIENT UNBLOCK 9999999
      CLIENT UNBLOCK 9999999 nope
      CLIENT UNBLOCK 9999999 error
      CLIENT UNBLOCK 9999999 TIMEOUT x
    `,
  )

  for (const [mode, command] of [
    ['TIMEOUT', 'BLPOP l 0'],
    ['ERROR', 'BLPOP l 0'],
    ['', 'BRPOPLPUSH a b 0'],
    ['TIMEOUT', 'BLMOVE a b LEFT LEFT 0'],
    ['TIMEOUT', 'BZPOPMIN z 0'],
    ['ERROR', 'BZMPOP 0 1 z MIN'],
  ] as const) {
    conformance(`${command} by ${mode || 'default'}`, async ({ play, redis, russet }) => {
      await play(`A> ${command}`)
      const name = command.split(' ')[0]?.toLowerCase()
      for (const connection of [redis, russet]) {
        const list = await connection.send('CLIENT', 'LIST')
        const text = list.type === 'verbatim' ? list.value : bulkOf(list)
        const line = fieldsOf(text.split('\n').find((each) => each.includes(` cmd=${name} `)) ?? '')
        const words = ['CLIENT', 'UNBLOCK', line.get('id') ?? '', ...(mode === '' ? [] : [mode])]
        expect((await connection.send(...words)).raw).toBe(':1\r\n')
        expect((await connection.send(...words)).raw).toBe(':0\r\n')
      }
      await play(script`
        A<
        A> PING
      `)
    })
  }
})
