/**
 * Fills an engine with one kind of data and compares what it counts with what the heap grows by. Commands come as
 * bytes, as from a socket, since strings made by a program are not laid out the same.
 */
import { RespConnections } from '@russet/core'
import { createEngine, NodeHost } from '@russet/node'
import { type Command, KINDS } from './kinds-of-data.js'

/** What data takes. */
export interface Size {
  readonly keys: number
  /** Bytes, as the engine counts. */
  readonly counted: number
  /** Bytes by which the heap has grown. */
  readonly heap: number
}

const BATCH_BYTES = 64 * 1024

const { process: facts } = new NodeHost()

function heapInUse(): number {
  facts.collectGarbage?.()
  facts.collectGarbage?.()
  return facts.memory().heap
}

/**
 * @param kind one of `KINDS`
 * @param bytes so much of it, as the engine counts
 */
export function measureSize(kind: string, bytes: number): Size {
  const commandsOf = KINDS[kind]
  if (commandsOf === undefined) throw new Error(`no kind of data '${kind}'`)
  const engine = createEngine()
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
  const flush = () => {
    connection.receive(Buffer.from(batch, 'latin1'))
    batch = ''
  }
  const send = (command: Command) => {
    batch += `*${command.length}\r\n`
    for (const word of command) batch += `$${String(word).length}\r\n${word}\r\n`
    if (batch.length >= BATCH_BYTES) flush()
  }

  // Compiled code and lazily made tables are not the data's.
  for (let i = 0; i < 100; i++) for (const command of commandsOf(i)) send(command)
  send(['FLUSHALL'])
  flush()
  const countedBefore = engine.usedMemory.usedBytes
  const heapBefore = heapInUse()
  let keys = 0
  for (; engine.usedMemory.usedBytes - countedBefore < bytes; keys++) {
    for (const command of commandsOf(keys)) send(command)
  }
  flush()
  const counted = engine.usedMemory.usedBytes - countedBefore
  const heap = heapInUse() - heapBefore
  void engine.close()
  return { keys, counted, heap }
}
