/** COMMAND DOCS: facts and arguments of all commands beside those of redis-server. */
import { expect, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { arrayOf, plainOf, textOf } from '../support/replies.js'
import type { Reply } from '../support/resp-reader.js'
import { sharedPair } from '../support/server-pair.js'

conformance(
  'COMMAND DOCS',
  script`
    COMMAND DOCS nope
    COMMAND DOCS nope |
    COMMAND DOCS ~kind
    COMMAND DOCS get ~kind
    COMMAND DOCS client|list ~kind
  `,
)

/** Entries of COMMAND DOCS in RESP2 by name, subcommands too. */
function docsByName(reply: Reply, found = new Map<string, Map<string, Reply>>()): typeof found {
  for (const [name, entry] of fieldsOf(reply)) {
    const docs = fieldsOf(entry)
    found.set(name, docs)
    const subcommands = docs.get('subcommands')
    if (subcommands !== undefined) docsByName(subcommands, found)
  }
  return found
}

function fieldsOf(reply: Reply): Map<string, Reply> {
  const items = arrayOf(reply)
  const fields = new Map<string, Reply>()
  for (let i = 0; i < items.length; i += 2) fields.set(textOf(items[i] as Reply), items[i + 1] as Reply)
  return fields
}

async function docsOfBoth() {
  const pair = await sharedPair()
  const { redis, russet } = await pair.ask('COMMAND', 'DOCS')
  return { theirs: docsByName(redis), ours: docsByName(russet) }
}

test('every command is described, and its facts are those of redis-server', async () => {
  const { theirs, ours } = await docsOfBoth()
  expect(ours.size).toBeGreaterThan(100)
  const differences: string[] = []
  for (const [name, docs] of ours) {
    for (const field of ['summary', 'since', 'group', 'complexity']) {
      const text = docs.get(field)
      if (text === undefined || textOf(text) === '') differences.push(`${name} has no ${field}`)
    }
    const other = theirs.get(name)
    if (other === undefined) continue
    for (const field of ['since', 'group', 'deprecated_since']) {
      // What became deprecated since is newer than the server that is asked.
      if (field === 'deprecated_since' && !other.has(field)) continue
      const [own, wanted] = [docs, other].map((entry) => JSON.stringify(plainOf(entry.get(field) as Reply)))
      if (own !== wanted) differences.push(`${name} ${field}: ${own} instead of ${wanted}`)
    }
  }
  expect(differences).toEqual([])
})

// ---- arguments --------------------------------------------------------------------------------------------

/** Names of arguments in Redis 7.0 that are others since 7.2, where each is one and the same in all commands. */
const RENAMED: { readonly [name: string]: string } = {
  categoryname: 'category',
  offset_count: 'limit',
  username_password: 'auth',
  normal_master_slave_pubsub: 'client-type',
  normal_master_replica_pubsub: 'client-type',
  on_off_skip: 'action',
  timeout_error: 'unblock-type',
  nosave_save: 'save-selector',
  parameter_value: 'data',
  field_value: 'data',
  key_value: 'data',
  score_member: 'data',
  longitude_latitude_member: 'data',
  index_unit: 'unit',
  end_index: 'end-unit-block',
  wrap_sat_fail: 'overflow-block',
  write_operation: 'write-operation',
  encoding_offset: 'get-block',
  encoding_offset_value: 'set-block',
  encoding_offset_increment: 'incrby-block',
  id_or_auto: 'id-selector',
  auto_id: 'auto-id',
  new_id: 'new-id',
  groupname: 'group',
  consumername: 'consumer',
  group_consumer: 'group-block',
  entries_added: 'entries-added',
  entries_read: 'entriesread',
  max_deleted_entry_id: 'max-deleted-id',
}

const GEO_UNIT = 'unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI)'
const GEO_WITH = 'withcoord:pure-token=WITHCOORD? withdist:pure-token=WITHDIST? withhash:pure-token=WITHHASH?'
const GEO_COUNT = 'count-block:block?(count:integer=COUNT any:pure-token=ANY?)'
const GEO_ORDER = 'order:oneof?(asc:pure-token=ASC desc:pure-token=DESC)'
const GEO_STORE = 'store:oneof?(storekey:key#1=STORE storedistkey:key#2=STOREDIST)'
const GEO_AREA =
  'from:oneof(member:string=FROMMEMBER fromlonlat:block=FROMLONLAT(longitude:double latitude:double)) ' +
  `by:oneof(circle:block(radius:double=BYRADIUS ${GEO_UNIT}) ` +
  `box:block(width:double=BYBOX height:double ${GEO_UNIT}))`

/** Where Redis 7.2 or 7.4 describes the arguments otherwise, in the form of `signature` below. */
const NEWER: { readonly [command: string]: string } = {
  // The old form of the call, the addresses and the answer of SKIPME got names; MAXAGE is new.
  'client|kill':
    'filter:oneof(old-format:string new-format:oneof*(client-id:integer=ID? client-type:oneof=TYPE?' +
    '(normal:pure-token=NORMAL master:pure-token=MASTER slave:pure-token=SLAVE replica:pure-token=REPLICA ' +
    'pubsub:pure-token=PUBSUB) username:string=USER? addr:string=ADDR? laddr:string=LADDR? ' +
    'skipme:oneof=SKIPME?(yes:pure-token=YES no:pure-token=NO) maxage:integer=MAXAGE?))',
  // A single argument is no block any more.
  'client|list':
    'client-type:oneof=TYPE?(normal:pure-token=NORMAL master:pure-token=MASTER replica:pure-token=REPLICA ' +
    'pubsub:pure-token=PUBSUB) client-id:integer=ID*?',
  'config|get': 'parameter:string*',
  psubscribe: 'pattern:pattern*',
  // Described for the first time.
  'command|getkeys': 'command:string arg:string*?',
  'command|getkeysandflags': 'command:string arg:string*?',
  // Renamed, where another argument has kept the name.
  flushall: 'flush-type:oneof?(async:pure-token=ASYNC sync:pure-token=SYNC)',
  flushdb: 'flush-type:oneof?(async:pure-token=ASYNC sync:pure-token=SYNC)',
  bitcount:
    'key:key#0 range:block?(start:integer end:integer unit:oneof?(byte:pure-token=BYTE bit:pure-token=BIT))',
  bitpos:
    'key:key#0 bit:integer range:block?(start:integer end-unit-block:block?(end:integer ' +
    'unit:oneof?(byte:pure-token=BYTE bit:pure-token=BIT)))',
  lcs:
    'key1:key#0 key2:key#0 len:pure-token=LEN? idx:pure-token=IDX? min-match-len:integer=MINMATCHLEN? ' +
    'withmatchlen:pure-token=WITHMATCHLEN?',
  sort:
    'key:key#0 by-pattern:pattern#1=BY? limit:block=LIMIT?(offset:integer count:integer) ' +
    'get-pattern:pattern#1=GET*^? order:oneof?(asc:pure-token=ASC desc:pure-token=DESC) ' +
    'sorting:pure-token=ALPHA? destination:key#2=STORE?',
  sort_ro:
    'key:key#0 by-pattern:pattern#1=BY? limit:block=LIMIT?(offset:integer count:integer) ' +
    'get-pattern:pattern#1=GET*^? order:oneof?(asc:pure-token=ASC desc:pure-token=DESC) ' +
    'sorting:pure-token=ALPHA?',
  xack: 'key:key#0 group:string ID:string*',
  xclaim:
    'key:key#0 group:string consumer:string min-idle-time:string ID:string* ms:integer=IDLE? ' +
    'unix-time-milliseconds:unix-time=TIME? count:integer=RETRYCOUNT? force:pure-token=FORCE? ' +
    'justid:pure-token=JUSTID? lastid:string=LASTID?',
  xdel: 'key:key#0 ID:string*',
  'xgroup|create':
    'key:key#0 group:string id-selector:oneof(id:string new-id:pure-token=$) mkstream:pure-token=MKSTREAM? ' +
    'entriesread:integer=ENTRIESREAD?',
  'xgroup|setid':
    'key:key#0 group:string id-selector:oneof(id:string new-id:pure-token=$) entriesread:integer=ENTRIESREAD?',
  xread: 'count:integer=COUNT? milliseconds:integer=BLOCK? streams:block=STREAMS(key:key#0* ID:string*)',
  xreadgroup:
    'group-block:block=GROUP(group:string consumer:string) count:integer=COUNT? milliseconds:integer=BLOCK? ' +
    'noack:pure-token=NOACK? streams:block=STREAMS(key:key#0* ID:string*)',
  // The words that were one string.
  bitop:
    'operation:oneof(and:pure-token=AND or:pure-token=OR xor:pure-token=XOR not:pure-token=NOT) ' +
    'destkey:key#0 key:key#1*',
  // What may be left out, and says so now.
  geohash: 'key:key#0 member:string*?',
  geopos: 'key:key#0 member:string*?',
  pfmerge: 'destkey:key#0 sourcekey:key#1*?',
  // Blocks have names of their own, and STORE and STOREDIST are a choice.
  georadius: `key:key#0 longitude:double latitude:double radius:double ${GEO_UNIT} ${GEO_WITH} ${GEO_COUNT} ${GEO_ORDER} ${GEO_STORE}`,
  georadius_ro: `key:key#0 longitude:double latitude:double radius:double ${GEO_UNIT} ${GEO_WITH} ${GEO_COUNT} ${GEO_ORDER}`,
  georadiusbymember: `key:key#0 member:string radius:double ${GEO_UNIT} ${GEO_WITH} ${GEO_COUNT} ${GEO_ORDER} ${GEO_STORE}`,
  georadiusbymember_ro: `key:key#0 member:string radius:double ${GEO_UNIT} ${GEO_WITH} ${GEO_COUNT} ${GEO_ORDER}`,
  geosearch: `key:key#0 ${GEO_AREA} ${GEO_ORDER} ${GEO_COUNT} ${GEO_WITH}`,
  geosearchstore: `destination:key#0 source:key#1 ${GEO_AREA} ${GEO_ORDER} ${GEO_COUNT} storedist:pure-token=STOREDIST?`,
  // Described by other names.
  migrate:
    'host:string port:integer key-selector:oneof(key:key#0 empty-string:pure-token=) destination-db:integer ' +
    'timeout:integer copy:pure-token=COPY? replace:pure-token=REPLACE? authentication:oneof?(auth:string=AUTH? ' +
    'auth2:block=AUTH2?(username:string password:string)) keys:key#1=KEYS*?',
  // Options that are new.
  hscan: 'key:key#0 cursor:integer pattern:pattern=MATCH? count:integer=COUNT? novalues:pure-token=NOVALUES?',
  zrank: 'key:key#0 member:string withscore:pure-token=WITHSCORE?',
  zrevrank: 'key:key#0 member:string withscore:pure-token=WITHSCORE?',
}

const FLAG_SIGNS: { readonly [flag: string]: string } = { optional: '?', multiple: '*', multiple_token: '^' }

/** Arguments in short: `name:type#key-spec=TOKEN` with signs for the flags and parts in parentheses. */
function signature(list: Reply | undefined): string {
  if (list === undefined) return ''
  return arrayOf(list)
    .map((argument) => {
      const fields = fieldsOf(argument)
      const field = (name: string, before: string) =>
        fields.has(name) ? `${before}${textOf(fields.get(name) as Reply)}` : ''
      const name = field('name', '')
      const flags = fields.has('flags') ? (plainOf(fields.get('flags') as Reply) as string[]) : []
      const signs = flags
        .map((flag) => FLAG_SIGNS[flag] ?? flag)
        .sort((a, b) => '*^?'.indexOf(a) - '*^?'.indexOf(b))
      const parts = fields.has('arguments') ? `(${signature(fields.get('arguments'))})` : ''
      const own = `${RENAMED[name] ?? name}${field('type', ':')}${field('key_spec_index', '#')}${field('token', '=')}`
      return own + signs.join('') + parts
    })
    .join(' ')
}

test('arguments are described as redis-server describes them', async () => {
  const { theirs, ours } = await docsOfBoth()
  const differences: string[] = []
  for (const [name, docs] of ours) {
    const own = signature(docs.get('arguments'))
    const other = theirs.get(name)
    const wanted = NEWER[name] ?? (other && signature(other.get('arguments')))
    if (wanted !== undefined && own !== wanted) differences.push(`${name}:\n${own}\ninstead of\n${wanted}`)
  }
  expect(differences).toEqual([])
})

test('arguments are shown under their names, or as what they are', async () => {
  const pair = await sharedPair()
  const { russet } = await pair.ask('COMMAND', 'DOCS', 'sort', 'client|kill')
  const shown = JSON.stringify(plainOf(russet))
  expect(shown).toContain('["name","key","type","key","display_text","key"')
  expect(shown).toContain('["name","by-pattern","type","pattern","display_text","pattern"')
  expect(shown).toContain('["name","addr","type","string","display_text","ip:port"')
})

// ---- history ----------------------------------------------------------------------------------------------

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Versions of the changes of a command, those left out that the server that is asked cannot know. */
function versionsOf(docs: Map<string, Reply>): string[] {
  const history = docs.get('history')
  if (history === undefined) return []
  const versions = arrayOf(history).map((change) => textOf(arrayOf(change)[0] as Reply))
  return versions.filter((version) => byText(version, '7.2') < 0)
}

/** `name field=version` for each argument that is younger than its command, or deprecated. */
function agesOf(command: string, list: Reply | undefined): string[] {
  if (list === undefined) return []
  return arrayOf(list).flatMap((argument) => {
    const fields = fieldsOf(argument)
    const name = textOf(fields.get('name') as Reply)
    const ages = ['since', 'deprecated_since'].flatMap((field) => {
      const version = fields.has(field) ? textOf(fields.get(field) as Reply) : '7.2'
      return byText(version, '7.2') < 0
        ? [`${AGED_AS[command]?.[name] ?? RENAMED[name] ?? name} ${field}=${version}`]
        : []
    })
    return [...ages, ...agesOf(command, fields.get('arguments'))]
  })
}

/** Arguments with other names in 7.0, where `RENAMED` cannot tell. */
const AGED_AS: { readonly [command: string]: { readonly [name: string]: string } } = {
  'client|kill': { addr: 'ip:port', laddr: 'ip:port', 'old-format': 'ip:port' },
  'client|list': { id: 'client-id' },
  migrate: { username_password: 'auth2', password: 'auth', key: 'keys' },
}

test('what changed in commands and since when arguments are there is as redis-server has it', async () => {
  const { theirs, ours } = await docsOfBoth()
  const differences: string[] = []
  for (const [name, docs] of ours) {
    const other = theirs.get(name)
    if (other === undefined) continue
    const compare = (what: string, own: string[], wanted: string[]) => {
      if (own.join() !== wanted.join()) differences.push(`${name} ${what}: ${own} instead of ${wanted}`)
    }
    compare('history', versionsOf(docs), versionsOf(other))
    const ages = [docs, other].map((entry) => agesOf(name, entry.get('arguments')).sort(byText))
    compare('ages', ages[0] as string[], ages[1] as string[])
  }
  expect(differences).toEqual([])
})
