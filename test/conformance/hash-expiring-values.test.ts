/** HGETDEL, HGETEX and HSETEX: from Redis 8, which is not here to be asked; replies are those of its documentation. */
import { conformance, script } from '../support/conformance.js'

const MISPLACED = '!ERR Mandatory argument FIELDS is missing or not at the right position'
const UNEVEN = '!ERR The `numfields` parameter must match the number of arguments'
const NO_NUMBER = '!ERR Number of fields must be a positive integer'
const ONLY_ONE = '!ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified'
const ARITY = "!ERR wrong number of arguments for 'hsetex' command"
const WRONG_TYPE = '!WRONGTYPE Operation against a key holding the wrong kind of value'

conformance(
  'HGETDEL',
  script`
    ~no-digest
    HGETDEL none FIELDS 2 a b => [nil, nil]
    HSET h a 1 b 2 c 3 d 4
    HGETDEL h FIELDS 1 a => ["1"]
    HGETDEL h FIELDS 3 a b a => [nil, "2", nil]
    HGETDEL h fields 2 c c => ["3", nil]
    HLEN h => 1
    HGETDEL h FIELDS 1 none => [nil]
    HGETDEL h FIELDS 2 d x => ["4", nil]
    EXISTS h => 0
    HGETDEL h FIELDS 0 a => ${NO_NUMBER}
    HGETDEL h FIELDS -1 a => ${NO_NUMBER}
    HGETDEL h FIELDS x a => ${NO_NUMBER}
    HGETDEL h FIELDS 2 a => ${UNEVEN}
    HGETDEL h FIELDS 1 a b => ${UNEVEN}
    HGETDEL h NOPE 1 a => ${MISPLACED}
    HGETDEL h FIELDS 1 => !ERR wrong number of arguments for 'hgetdel' command
    SET s v
    HGETDEL s FIELDS 1 a => ${WRONG_TYPE}
    HGETDEL s NOPE 1 a => ${WRONG_TYPE}
  `,
)

conformance(
  'HGETEX',
  script`
    ~no-digest
    HGETEX none FIELDS 2 a b => [nil, nil]
    HGETEX none EX 10 FIELDS 1 a => [nil]
    EXISTS none => 0
    HSET h a 1 b 2 c 3
    HGETEX h FIELDS 3 a none b => ["1", nil, "2"]
    HTTL h FIELDS 2 a b => [-1, -1]
    HGETEX h EX 1000 FIELDS 2 a none => ["1", nil]
    HTTL h FIELDS 3 a b none => [1000, -1, -2]
    HGETEX h px 5000000 FIELDS 1 b => ["2"]
    HTTL h FIELDS 1 b => [5000]
    HGETEX h EXAT 4000000000 FIELDS 1 a => ["1"]
    HGETEX h PXAT 4000000000123 FIELDS 1 b => ["2"]
    HPEXPIRETIME h FIELDS 3 a b c => [4000000000000, 4000000000123, -1]
    HGETEX h FIELDS 2 a b => ["1", "2"]
    HPEXPIRETIME h FIELDS 2 a b => [4000000000000, 4000000000123]
    HGETEX h PERSIST FIELDS 3 a a c => ["1", "1", "3"]
    HPEXPIRETIME h FIELDS 3 a b c => [-1, 4000000000123, -1]
    HGETEX h PXAT 1 FIELDS 2 a a => ["1", nil]
    HGETEX h EX 0 FIELDS 1 b => ["2"]
    HGETALL h => {"c": "3"}
    HGETEX h EXAT 1 FIELDS 1 c => ["3"]
    EXISTS h => 0
    HSET h a 1 => 1
    HGETEX h EX x FIELDS 1 a => !ERR value is not an integer or out of range
    HGETEX h EX 9223372036854775808 FIELDS 1 a => !ERR value is not an integer or out of range
    HGETEX h PX -1 FIELDS 1 a => !ERR invalid expire time, must be >= 0
    HGETEX h EX 281474976710656 FIELDS 1 a => !ERR invalid expire time in 'hgetex' command
    HGETEX h PXAT 70368744177664 FIELDS 1 a => !ERR invalid expire time in 'hgetex' command
    HGETEX h PXAT 1 1 => ${MISPLACED}
    HGETEX h EX 10 FIELDS => ${NO_NUMBER}
    HGETEX h PERSIST 1 FIELDS 1 a => ${MISPLACED}
    HGETEX h EX 10 PX 10 FIELDS 1 a => ${MISPLACED}
    HGETEX h FIELDS 2 a => ${UNEVEN}
    HGETEX h FIELDS 0 a => ${NO_NUMBER}
    HGETEX h FIELDS 9223372036854775808 a => ${NO_NUMBER}
    HGETEX h FIELDS 1 => !ERR wrong number of arguments for 'hgetex' command
    HTTL h FIELDS 1 a => [-1]
    SET s v
    HGETEX s FIELDS 1 a => ${WRONG_TYPE}
  `,
)

conformance(
  'HSETEX',
  script`
    ~no-digest
    HSETEX h FIELDS 2 a 1 b 2 => 1
    HSETEX h FIELDS 1 a 11 => 1
    HGETALL h => {"a": "11", "b": "2"}
    HSETEX h FXX FIELDS 2 a x none y => 0
    HSETEX none FXX FIELDS 1 a x => 0
    EXISTS none => 0
    HSETEX h FNX FIELDS 2 c x a y => 0
    HGETALL h => {"a": "11", "b": "2"}
    HSETEX h FNX EX 100 FIELDS 2 c 3 d 4 => 1
    HSETEX h PX 50000 fxx FIELDS 1 a 1 => 1
    HTTL h FIELDS 4 a b c d => [50, -1, 100, 100]
    HSETEX new FNX EXAT 4000000000 FIELDS 1 a 1 => 1
    HSETEX new PXAT 4000000000123 FIELDS 1 b 1 => 1
    HPEXPIRETIME new FIELDS 2 a b => [4000000000000, 4000000000123]
    HSETEX new KEEPTTL FIELDS 3 a 2 c 2 a 3 => 1
    HPEXPIRETIME new FIELDS 3 a b c => [4000000000000, 4000000000123, -1]
    HSETEX new FIELDS 1 a 4 => 1
    HPEXPIRETIME new FIELDS 2 a b => [-1, 4000000000123]
    HSETEX new PXAT 1 FIELDS 2 a 5 x 6 => 1
    HGETALL new => {"b": "1", "c": "2"}
    HSETEX past EXAT 1 FIELDS 1 a 1 => 1
    EXISTS past => 0
    HSETEX h fields 2 a b => ${ARITY}
    HSETEX h FIELDS 2 a b c => ${ARITY}
    HSETEX h FIELDS 2 a b c d e => ${ARITY}
    HSETEX h FIELDS 1 a b FNX => ${ARITY}
    HSETEX h FIELDS 1 a => ${ARITY}
    HSETEX h KEEPTTL FNX FIELDS 1 => ${ARITY}
    HSETEX h EX 10 KEEPTTL FIELDS 1 a b => ${ONLY_ONE}
    HSETEX h KEEPTTL KEEPTTL FIELDS 1 a b => ${ONLY_ONE}
    HSETEX h PX 10 EX 10 FIELDS 1 a b => ${ONLY_ONE}
    HSETEX h KEEPTTL FNX EX 10 FIELDS 1 a b => ${ONLY_ONE}
    HSETEX h FNX FXX FIELDS 1 a b => !ERR Only one of FXX or FNX arguments can be specified
    HSETEX h FNX FNX FIELDS 1 a b => !ERR Only one of FXX or FNX arguments can be specified
    HSETEX h NX FIELDS 1 a b => !ERR unknown argument: NX
    HSETEX h 1 FIELDS 1 a b => !ERR unknown argument: 1
    HSETEX h EX FIELDS 1 a b => !ERR value is not an integer or out of range
    HSETEX h FNX FXX KEEPTTL EX => !ERR Only one of FXX or FNX arguments can be specified
    HSETEX h FNX KEEPTTL x EX => !ERR unknown argument: x
    HSETEX h EX -1 FIELDS 1 a b => !ERR invalid expire time, must be >= 0
    HSETEX h EXAT 281474976710656 1 a b => !ERR invalid expire time in 'hsetex' command
    HSETEX h FIELDS 0 a b => !ERR invalid number of fields
    HSETEX h FIELDS -1 a b => !ERR invalid number of fields
    HSETEX h FIELDS x a b => !ERR invalid number of fields
    SET s v
    HSETEX s FIELDS 1 a b => ${WRONG_TYPE}
    HSETEX s NX FIELDS 1 a b => !ERR unknown argument: NX
  `,
)

conformance(
  'many fields',
  script`
    ~no-digest
    HSETEX big EX 100 FIELDS 600 ${Array.from({ length: 600 }, (_, i) => `f${i} v${i}`).join(' ')} => 1
    OBJECT ENCODING big => "hashtable"
    HGETEX big PERSIST FIELDS 2 f0 f599 => ["v0", "v599"]
    HTTL big FIELDS 3 f0 f1 f599 => [-1, 100, -1]
    HGETDEL big FIELDS 1 f3 => ["v3"]
    HLEN big => 599
  `,
)
