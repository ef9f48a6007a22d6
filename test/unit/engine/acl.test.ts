/** Users and their rights, where a server has to be in a certain state, and where redis-server cannot be asked. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { ConfigFiles } from '../../../packages/core/src/engine/config-file.js'
import { FakeServer } from '../../support/fake-client.js'

const NO_KEY = '(error) NOPERM No permissions to access a key'

/** Files in memory. */
function filesOf(content: Record<string, string>): ConfigFiles {
  return {
    read(path) {
      const text = content[path]
      if (text === undefined) throw new Error('No such file or directory')
      return text
    },
    write(path, text) {
      if (path.startsWith('/readonly/')) throw new Error('Permission denied')
      content[path] = text
    },
    match: () => [],
  }
}

/** A server with a user `u` that may do all that `rules` allow, and clients of both users. */
function withUser(...rules: string[]) {
  const server = new FakeServer()
  const admin = server.connect()
  expect(admin.ask(['ACL', 'SETUSER', 'u', 'on', 'nopass', ...rules])).toBe('+OK')
  const client = server.connect()
  expect(client.ask('AUTH u x')).toBe('+OK')
  return { server, admin, client }
}

describe('a user that changes meanwhile', () => {
  it('a blocked command is checked again before it is served', () => {
    const { admin, client } = withUser('+@all', '~*')
    client.send('BLPOP l 0')
    admin.ask('ACL SETUSER u resetkeys ~other')
    expect(client.take()).toEqual([])
    admin.ask('RPUSH l x')
    expect(client.take()).toEqual([NO_KEY])
    expect(admin.ask('LLEN l')).toBe('(integer) 1')
    expect(client.ask('LLEN other')).toBe('(integer) 0')
  })

  it('a blocked command may go, too, and the next in the queue is served instead', () => {
    const { server, admin, client } = withUser('+@all', '~*')
    const next = server.connect()
    client.send('BLMOVE l m LEFT LEFT 0')
    next.send('BLPOP l 0')
    admin.ask('ACL SETUSER u -blmove')
    admin.ask('RPUSH l x')
    expect(client.take()).toEqual(["(error) NOPERM User u has no permissions to run the 'blmove' command"])
    expect(next.take()).toEqual(['(array)\n  1) "l"\n  2) "x"'])
    expect(admin.ask('ACL LOG 1')).toContain('"blmove"')
  })

  it('a user that is disabled keeps its connections, as in Redis', () => {
    const { server, admin, client } = withUser('+@all', '~*')
    client.send('BLPOP l 0')
    admin.ask('ACL SETUSER u off')
    admin.ask('RPUSH l x')
    expect(client.take()).toEqual(['(array)\n  1) "l"\n  2) "x"'])
    expect(client.ask('PING')).toBe('+PONG')
    expect(server.connect().ask('AUTH u x')).toMatch(/WRONGPASS/)
  })

  it('a blocked client of a deleted user is gone, and takes nothing', () => {
    const { admin, client } = withUser('+@all', '~*')
    client.send('BLPOP l 0')
    expect(admin.ask('ACL DELUSER u')).toBe('(integer) 1')
    expect(client.closed).toBe(true)
    admin.ask('RPUSH l x')
    expect(admin.ask('LLEN l')).toBe('(integer) 1')
  })

  it('a command that waits for the end of a pause is checked again', () => {
    const { server, admin, client } = withUser('+@all', '~*')
    admin.ask('CLIENT PAUSE 1000 WRITE')
    client.send('SET a 1')
    admin.ask('ACL SETUSER u -set')
    server.host.advance(2000)
    expect(client.take()).toEqual(["(error) NOPERM User u has no permissions to run the 'set' command"])
    expect(admin.ask('EXISTS a')).toBe('(integer) 0')
  })

  it('a transaction that deletes its own user does nothing more, and its client is gone', () => {
    const { server, admin, client } = withUser('+@all', '~*')
    admin.ask('CONFIG SET requirepass p')
    client.send('MULTI', 'SET a 1', 'ACL DELUSER u', 'SET b 1', 'EXEC', 'SET c 1')
    expect(client.take().at(-1)).toBe(
      '(array)\n  1) +OK\n  2) (integer) 1\n  3) (error) NOAUTH Authentication required.',
    )
    expect(client.closed).toBe(true)
    expect(admin.ask('KEYS *')).toBe('(array)\n  1) "a"')
    expect(server.engine.sessions.count).toBe(1)
  })

  it('a subscriber keeps only what its user may still hear', () => {
    const { server, admin, client } = withUser('+@all', '&a*', '&b?')
    const others = ['SUBSCRIBE a1', 'PSUBSCRIBE b?', 'SSUBSCRIBE b1', 'PSUBSCRIBE a*', 'SUBSCRIBE a1 b1'].map(
      (command) => {
        const other = server.connect()
        other.send('AUTH u x', command)
        return other
      },
    )
    expect(admin.ask('ACL SETUSER u &c +@all')).toBe('+OK')
    expect(others.map(({ closed }) => closed)).toEqual([false, false, false, false, false])
    admin.ask('ACL SETUSER u resetchannels &b* &a*')
    expect(others.map(({ closed }) => closed)).toEqual([false, true, false, false, false])
    admin.ask('ACL SETUSER u resetchannels &a*')
    expect(others.map(({ closed }) => closed)).toEqual([false, true, true, false, true])
    // A selector allows all of them.
    admin.ask(['ACL', 'SETUSER', 'u', 'resetchannels', '(allchannels)'])
    expect(others[0]?.closed).toBe(false)
    admin.ask('ACL SETUSER u clearselectors')
    expect(others.map(({ closed }) => closed)).toEqual([true, true, true, true, true])
    expect(client.ask('PING')).toBe('+PONG')
  })
})

describe('who may do everything', () => {
  it('is not asked about', () => {
    const server = new FakeServer()
    const refusal = vi.spyOn(server.engine.access, 'refusal')
    const client = server.connect()
    client.send('SET a 1', 'MULTI', 'GET a', 'EXEC')
    client.take()
    expect(refusal).not.toHaveBeenCalled()
    client.ask('ACL SETUSER default -flushall')
    client.ask('GET a')
    expect(refusal).toHaveBeenCalledOnce()
    client.ask('ACL SETUSER default +@all')
    refusal.mockClear()
    client.ask('GET a')
    expect(refusal).not.toHaveBeenCalled()
  })

  it('may do so through any selector', () => {
    const { client, admin } = withUser('-@all', '(allkeys allchannels allcommands)')
    expect(client.ask('SET a 1')).toBe('+OK')
    admin.ask('ACL SETUSER u clearselectors')
    expect(client.ask('SET a 1')).toMatch(/NOPERM/)
  })
})

describe('ACL LOG', () => {
  it('keeps no more than acllog-max-len entries', () => {
    const server = new FakeServer({ 'acllog-max-len': '3' })
    const client = server.connect()
    for (let i = 0; i < 100; i++) client.ask(`AUTH user${i} x`)
    const entries = () => (client.ask('ACL LOG 100').match(/"object"/g) ?? []).length
    expect(entries()).toBe(3)
    client.ask('CONFIG SET acllog-max-len 1')
    client.ask('AUTH another x')
    expect(entries()).toBe(1)
    client.ask('CONFIG SET acllog-max-len 0')
    client.ask('AUTH another2 x')
    expect(entries()).toBe(0)
  })

  it('counts what happens again within a minute, and begins anew after that', () => {
    const server = new FakeServer()
    const client = server.connect()
    const counts = () =>
      [...client.ask('ACL LOG').matchAll(/"count"\n.*\(integer\) (\d+)/g)].map(([, n]) => n)
    client.ask('AUTH u x')
    server.host.advance(60_000)
    client.ask('AUTH u x')
    expect(counts()).toEqual(['2'])
    server.host.advance(60_001)
    client.ask('AUTH u x')
    expect(counts()).toEqual(['1', '2'])
    // What lies further back than ten entries is not looked for.
    for (let i = 0; i < 10; i++) client.ask(`AUTH user${i} x`)
    client.ask('AUTH u x')
    expect(counts().slice(0, 2)).toEqual(['1', '1'])
  })

  it('keeps no more than the beginning of long names', () => {
    const { client, admin } = withUser('+@all', '~a')
    client.ask(['GET', 'x'.repeat(1_000_000)])
    client.ask(['AUTH', 'u'.repeat(1_000_000), 'x'])
    const log = admin.ask('ACL LOG')
    expect(log).toContain(`"${'x'.repeat(1024)}"`)
    expect(log).toContain(`"${'u'.repeat(1024)}"`)
  })

  it('tells times in whole milliseconds', () => {
    const server = new FakeServer()
    const client = server.connect()
    client.ask('AUTH u x')
    server.host.advance(1500)
    const log = client.ask('ACL LOG')
    expect(log).toMatch(/"age-seconds"\n.*"1.5"/)
    expect(log).toMatch(/"timestamp-created"\n.*1700000000000/)
  })
})

describe('the ACL file', () => {
  const start = (content: Record<string, string>, path = 'users.acl') =>
    new FakeServer({ aclfile: path }, undefined, { files: filesOf(content) })

  it('is read at the start, in place of requirepass', () => {
    const content = { 'users.acl': 'user u on nopass +get ~a\n\n \t\r\nuser v off  +set' }
    const server = start(content)
    const client = server.connect()
    expect(client.ask('ACL USERS')).toBe('(array)\n  1) "default"\n  2) "u"\n  3) "v"')
    const guarded = new FakeServer({ aclfile: 'users.acl', requirepass: 'p' }, undefined, {
      files: filesOf({ 'users.acl': 'user default on >q +@all allkeys\n' }),
    })
    const other = guarded.connect()
    expect(other.ask('PING')).toMatch(/NOAUTH/)
    expect(other.ask('AUTH p')).toMatch(/WRONGPASS/)
    expect(other.ask('AUTH q')).toBe('+OK')
  })

  it.each([
    ['user u on +nope >p foo bar\n', 1],
    ['# comment\n', 1],
    ['user u on\nUSER v on\n', 2],
    ['user u\tv on\n', 1],
    ['user u (+get\n', 1],
    ['user\n', 1],
    ['user u on\nuser u on\n', 2],
    ['user u on +select|\0\n', 1],
  ])('%j is told of at its line, and nothing starts', (text, line) => {
    expect(() => start({ 'users.acl': text })).toThrow(new RegExp(`users.acl:${line}\\b|on line ${line}\\b`))
  })

  it('cannot be had where there are no files, or no such file, or users in the configuration, too', () => {
    expect(() => new FakeServer({ aclfile: 'x' })).toThrow(/no files/)
    expect(() => start({})).toThrow("Error loading ACLs, opening file 'users.acl': No such file or directory")
    expect(
      () => new FakeServer({ aclfile: 'x', user: 'u on' }, undefined, { files: filesOf({ x: '' }) }),
    ).toThrow(/ACL file/)
  })

  it('LOAD takes all of it or nothing, and keeps the clients of users that stay', () => {
    const content: Record<string, string> = {
      'users.acl': 'user u on nopass +@all ~*\nuser v on nopass +@all\n',
    }
    const server = start(content)
    const admin = server.connect()
    const clients = ['u', 'v', 'w'].map((name) => {
      const client = server.connect()
      admin.ask(`ACL SETUSER ${name} on nopass +@all ~* &*`)
      client.ask(`AUTH ${name} x`)
      return client
    })
    clients[0]?.send('SUBSCRIBE c')
    content['users.acl'] = 'user v on nopass +get ~a\nuser u on +nope (\n'
    expect(admin.ask('ACL LOAD')).toBe(
      '(error) ERR users.acl:2: Unmatched parenthesis in selector definition.' +
        'WARNING: ACL errors detected, no change to the previously active ACL rules was performed',
    )
    expect(clients[1]?.ask('SET b 1')).toBe('+OK')
    content['users.acl'] = 'user v on nopass +get ~a\nuser u on nopass +@all\nuser default on nopass +@all\n'
    expect(admin.ask('ACL LOAD')).toBe('+OK')
    expect(clients.map(({ closed }) => closed)).toEqual([true, false, true])
    expect(clients[1]?.ask('SET b 1')).toMatch(/NOPERM/)
    expect(clients[1]?.ask('GET a')).toBe('(null bulk)')
    expect(admin.ask('GET a')).toBe(NO_KEY)
    // A file that says nothing of the default user leaves it as it is at first.
    content['users.acl'] = ''
    expect(admin.ask('ACL LOAD')).toBe('+OK')
    expect(admin.ask('ACL LIST')).toBe('(array)\n  1) "user default on nopass sanitize-payload ~* &* +@all"')
    expect(clients[1]?.closed).toBe(true)
  })

  it('SAVE says so when it cannot, and logs why', () => {
    const server = new FakeServer({ aclfile: '/readonly/x' }, undefined, {
      files: filesOf({ '/readonly/x': '' }),
    })
    expect(server.connect().ask('ACL SAVE')).toBe(
      '(error) ERR There was an error trying to save the ACLs. Please check the server logs for more information',
    )
    expect(server.host.messages.at(-1)).toContain('Permission denied')
  })

  it('what SAVE writes LOAD reads as the same users, whatever they are', () => {
    const content: Record<string, string> = { 'users.acl': '' }
    const server = start(content)
    const client = server.connect()
    const pattern = fc.string({ unit: fc.constantFrom(...'*?[]\\"\'()ab\xff\x01|+-'), maxLength: 5 })
    const inner = fc.oneof(
      pattern.map((text) => `~${text}`),
      pattern.map((text) => `%R~${text}`),
      pattern.map((text) => `%RW~${text}`),
      pattern.map((text) => `&${text}`),
      pattern.map((text) => `+select|${text.replaceAll('|', '')}`),
      fc.constantFrom(
        '+@read',
        '-@read',
        '+get',
        '-get',
        '+config|get',
        '-config',
        'allkeys',
        '+@all',
        '-@all',
      ),
    )
    const quoted = (rule: string) => `"${rule.replace(/[\\"]/g, (char) => `\\${char}`)}"`
    const rule = fc.oneof(
      inner,
      fc.array(inner, { maxLength: 3 }).map((rules) => `(${rules.map(quoted).join(' ')})`),
      fc.constantFrom('on', 'nopass', 'skip-sanitize-payload', 'allchannels', 'clearselectors', '>p', '>q'),
    )
    const name = fc.string({ unit: fc.constantFrom(...'ab"\'()#>~\\\xff'), maxLength: 4 })
    fc.assert(
      fc.property(name, fc.array(rule, { maxLength: 12 }), (user, rules) => {
        // Those that are refused change nothing: one by one, the others count.
        for (const each of rules) client.ask(['ACL', 'SETUSER', user, each])
        const list = client.ask('ACL LIST')
        expect(client.ask('ACL SAVE')).toBe('+OK')
        expect(client.ask('ACL LOAD')).toBe('+OK')
        expect(client.ask('ACL LIST')).toBe(list)
        for (const call of ['GET a', 'SELECT a', 'SELECT a"b', 'CONFIG GET a', 'PUBLISH a b', 'SET ( x']) {
          const dryRun = ['ACL', 'DRYRUN', user, ...call.split(' ')]
          const answer = client.ask(dryRun)
          client.ask('ACL LOAD')
          expect(client.ask(dryRun)).toBe(answer)
        }
        expect(client.ask(['ACL', 'DELUSER', user])).toMatch(/integer/)
      }),
      { numRuns: 150 },
    )
  })
})

describe('users in the configuration', () => {
  it('are made at the start, and may change the default user', () => {
    const server = new FakeServer({ requirepass: 'p', user: 'default on >q +@all ~*' })
    const client = server.connect()
    expect(client.ask('AUTH p')).toMatch(/WRONGPASS/)
    expect(client.ask('AUTH q')).toBe('+OK')
  })

  it.each([
    ['u on foo', "Error in user declaration 'foo': Syntax error"],
    ['u +nope', "Error in user declaration '+nope': Unknown command or category name in ACL"],
    ['u on ~* ~a', "Error in user declaration '~a': Adding a pattern after the"],
    ['u (+get', "Error in user declaration '(+get': Unmatched parenthesis"],
  ])('%s is refused', (line, reason) => {
    expect(() => new FakeServer({ user: line })).toThrow(reason)
  })

  it('acl-pubsub-default says what users begin with', () => {
    const client = new FakeServer({ 'acl-pubsub-default': 'allchannels' }).connect()
    client.ask(['ACL', 'SETUSER', 'u', '(+get)'])
    const list = () => client.ask('ACL LIST')
    expect(list()).toContain('user u off sanitize-payload &* -@all (&* -@all +get)')
    client.ask('CONFIG SET acl-pubsub-default resetchannels')
    client.ask('ACL SETUSER u reset')
    expect(list()).toContain('user u off sanitize-payload resetchannels -@all"')
  })
})

describe('hostile input', () => {
  it('names that objects have are names like others', () => {
    const client = new FakeServer().connect()
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(client.ask(['ACL', 'GETUSER', name])).toBe('(null bulk)')
      expect(client.ask(['AUTH', name, 'x'])).toMatch(/WRONGPASS/)
      expect(client.ask(['ACL', 'CAT', name])).toMatch(/Unknown category/)
      expect(client.ask(['ACL', 'SETUSER', 'u', `+@${name}`])).toMatch(/Unknown command or category/)
      expect(client.ask(['ACL', 'SETUSER', name, 'on', 'nopass'])).toBe('+OK')
      expect(client.ask(['AUTH', name, 'x'])).toBe('+OK')
      expect(client.ask('RESET')).toBe('+RESET')
      expect(client.ask(['ACL', 'DELUSER', name])).toBe('(integer) 1')
    }
  })

  it('many rules, patterns and passwords take time in proportion', () => {
    const client = new FakeServer().connect()
    const rules = Array.from({ length: 50_000 }, (_, i) => [`~k${i}`, `&c${i}`, `+select|${i}`]).flat()
    const began = performance.now()
    expect(client.ask(['ACL', 'SETUSER', 'u', ...rules])).toBe('+OK')
    expect(client.ask('ACL DRYRUN u select 49999')).toBe('+OK')
    expect(client.ask(['ACL', 'SETUSER', 'u', ...rules])).toBe('+OK')
    expect(client.ask('ACL LIST').length).toBeGreaterThan(1_000_000)
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it('patterns that tempt a matcher to try everything end soon', () => {
    const { client } = withUser('+@all', `~${'*a'.repeat(500)}b`)
    expect(client.ask(['GET', 'a'.repeat(20_000)])).toBe(NO_KEY)
  })

  it('random rules and commands never end in an internal error', () => {
    const server = new FakeServer()
    const admin = server.connect()
    const word = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        '(',
        ')',
        '()',
        '+',
        '-',
        '+@',
        '~',
        '%',
        '%R',
        '&',
        '>',
        '#',
        '<',
        '!',
        '+get|',
        '|',
        '"',
      ),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.array(word, { maxLength: 4 }), (rules, call) => {
        admin.ask(['ACL', 'SETUSER', 'u', ...rules])
        admin.ask(['ACL', 'DRYRUN', 'u', ...call])
        admin.ask(['ACL', 'GETUSER', ...call])
        admin.ask(['ACL', ...call])
        expect(server.host.messages.filter((text) => text.includes('Unexpected error'))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('passwords are compared as wholes, and are not kept', () => {
    const { server, admin } = withUser()
    admin.ask(['ACL', 'SETUSER', 'u', 'resetpass', '>secret', '>', '>a b\0c'])
    const accepts = (password: string) => server.connect().ask(['AUTH', 'u', password]) === '+OK'
    expect(['secret', '', 'a b\0c'].map(accepts)).toEqual([true, true, true])
    expect(['secre', 'secrets', 'Secret', ' ', 'a b', '\0'].map(accepts)).toEqual(Array(6).fill(false))
    expect(admin.ask('ACL LIST')).not.toContain('secret')
  })
})
