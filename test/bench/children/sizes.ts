/**
 * Fills an engine with one kind of data and compares what it counts with what the heap grows by:
 * `node --expose-gc sizes.js <kind> <keys>`. Commands come as bytes, as from a socket, since strings made by a
 * program are not laid out the same.
 */
import { RespConnections } from '@russet/core'
import { createEngine } from '@russet/node'
import { memoryInUse } from '../heap-in-use.js'
import { type Command, KINDS, type Size } from '../kinds-of-data.js'

const BATCH_BYTES = 64 * 1024

const [, , kind = '', count = ''] = process.argv
const keys = Number(count)
const commandsOf = KINDS[kind]
if (commandsOf === undefined) throw new Error(`no kind of data '${kind}'`)

const engine = createEngine({ 'enable-debug-command': 'yes' })
const connection = new RespConnections(engine).open(
  {
    outputReady: () => {
      for (const piece of connection.take())
        if (piece[0] === 0x2d) throw new Error(Buffer.from(piece).toString('latin1'))
    },
    end: () => {},
    abort: () => {},
    unsentBytes: () => 0,
  },
  { kind: 'tcp', address: '127.0.0.1:1', localAddress: '127.0.0.1:2', descriptor: 1 },
)

let batch = ''
function send(command: Command): void {
  batch += `*${command.length}\r\n`
  for (const word of command) batch += `$${String(word).length}\r\n${word}\r\n`
  if (batch.length >= BATCH_BYTES) flush()
}

function flush(): void {
  connection.receive(Buffer.from(batch, 'latin1'))
  batch = ''
}

// Compiled code and lazily made tables are not the data's.
for (let i = 0; i < 100; i++) for (const command of commandsOf(i)) send(command)
send(['FLUSHALL'])
flush()

const countedBefore = engine.usedMemory.usedBytes
const heapBefore = memoryInUse()
for (let i = 0; i < keys; i++) for (const command of commandsOf(i)) send(command)
flush()
const size: Size = {
  counted: engine.usedMemory.usedBytes - countedBefore,
  heap: memoryInUse() - heapBefore,
}
process.stdout.write(JSON.stringify(size), () => process.exit(0))
