/**
 * The commands of Redis 7.4, by group, and those of Redis 8 that there are here, too: what the README's
 * compatibility table is measured against. Subcommands
 * stand as `container|name`; a container that does nothing by itself is left out. SENTINEL is left out
 * too: it is a command of another program.
 */

export interface CommandGroup {
  readonly title: string
  readonly commands: readonly string[]
}

const group = (title: string, commands: string): CommandGroup => ({
  title,
  commands: commands.trim().split(/\s+/),
})

export const REDIS_COMMANDS: readonly CommandGroup[] = [
  group(
    'Strings',
    `
    append decr decrby get getdel getex getrange getset incr incrby incrbyfloat lcs mget mset msetnx
    psetex set setex setnx setrange strlen substr
    `,
  ),
  group('Bitmaps', 'bitcount bitfield bitfield_ro bitop bitpos getbit setbit'),
  group(
    'Lists',
    `
    blmove blmpop blpop brpop brpoplpush lindex linsert llen lmove lmpop lpop lpos lpush lpushx lrange
    lrem lset ltrim rpop rpoplpush rpush rpushx
    `,
  ),
  group(
    'Hashes',
    `
    hdel hexists hexpire hexpireat hexpiretime hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset
    hpersist hpexpire hpexpireat hpexpiretime hpttl hrandfield hscan hset hsetnx hstrlen httl hvals
    `,
  ),
  group('Hashes, from Redis 8', 'hgetdel hgetex hsetex'),
  group(
    'Sets',
    `
    sadd scard sdiff sdiffstore sinter sintercard sinterstore sismember smembers smismember smove spop
    srandmember srem sscan sunion sunionstore
    `,
  ),
  group(
    'Sorted sets',
    `
    bzmpop bzpopmax bzpopmin zadd zcard zcount zdiff zdiffstore zincrby zinter zintercard zinterstore
    zlexcount zmpop zmscore zpopmax zpopmin zrandmember zrange zrangebylex zrangebyscore zrangestore
    zrank zrem zremrangebylex zremrangebyrank zremrangebyscore zrevrange zrevrangebylex zrevrangebyscore
    zrevrank zscan zscore zunion zunionstore
    `,
  ),
  group(
    'Keys',
    `
    copy del dump exists expire expireat expiretime keys migrate move object|encoding object|freq
    object|help object|idletime object|refcount persist pexpire pexpireat pexpiretime pttl randomkey
    rename renamenx restore scan sort sort_ro touch ttl type unlink wait waitaof
    `,
  ),
  group('Transactions', 'discard exec multi unwatch watch'),
  group(
    'Connection',
    `
    auth client|caching client|getname client|getredir client|help client|id client|info client|kill
    client|list client|no-evict client|no-touch client|pause client|reply client|setinfo client|setname
    client|tracking client|trackinginfo client|unblock client|unpause echo hello ping quit reset select
    `,
  ),
  group(
    'Server',
    `
    acl|cat acl|deluser acl|dryrun acl|genpass acl|getuser acl|help acl|list acl|load acl|log acl|save
    acl|setuser acl|users acl|whoami bgrewriteaof bgsave command command|count command|docs
    command|getkeys command|getkeysandflags command|help command|info command|list config|get
    config|help config|resetstat config|rewrite config|set dbsize debug failover flushall flushdb info
    lastsave latency|doctor latency|graph latency|help latency|histogram latency|history latency|latest
    latency|reset lolwut memory|doctor memory|help memory|malloc-stats memory|purge memory|stats
    memory|usage module|help module|list module|load module|loadex module|unload monitor psync replconf
    replicaof restore-asking role save shutdown slaveof slowlog|get slowlog|help slowlog|len
    slowlog|reset swapdb sync time
    `,
  ),
  group(
    'Pub/sub',
    `
    psubscribe publish pubsub|channels pubsub|help pubsub|numpat pubsub|numsub pubsub|shardchannels
    pubsub|shardnumsub punsubscribe spublish ssubscribe subscribe sunsubscribe unsubscribe
    `,
  ),
  group(
    'Streams',
    `
    xack xadd xautoclaim xclaim xdel xgroup|create xgroup|createconsumer xgroup|delconsumer
    xgroup|destroy xgroup|help xgroup|setid xinfo|consumers xinfo|groups xinfo|help xinfo|stream xlen
    xpending xrange xread xreadgroup xrevrange xsetid xtrim
    `,
  ),
  group('HyperLogLog', 'pfadd pfcount pfdebug pfmerge pfselftest'),
  group(
    'Geo',
    `
    geoadd geodist geohash geopos georadius georadius_ro georadiusbymember georadiusbymember_ro
    geosearch geosearchstore
    `,
  ),
  group(
    'Scripting and functions',
    `
    eval eval_ro evalsha evalsha_ro fcall fcall_ro function|delete function|dump function|flush
    function|help function|kill function|list function|load function|restore function|stats script|debug
    script|exists script|flush script|help script|kill script|load
    `,
  ),
  group(
    'Cluster',
    `
    asking cluster|addslots cluster|addslotsrange cluster|bumpepoch cluster|count-failure-reports
    cluster|countkeysinslot cluster|delslots cluster|delslotsrange cluster|failover cluster|flushslots
    cluster|forget cluster|getkeysinslot cluster|help cluster|info cluster|keyslot cluster|links
    cluster|meet cluster|myid cluster|myshardid cluster|nodes cluster|replicas cluster|replicate
    cluster|reset cluster|saveconfig cluster|set-config-epoch cluster|setslot cluster|shards
    cluster|slaves cluster|slots readonly readwrite
    `,
  ),
]
