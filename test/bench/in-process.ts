/** `await client.set(...)` and `await client.get(...)` one after the other, in one process, against ioredis-mock. */
import { runChild } from './child.js'
import { atLeast, type Benchmark, median, type Options, type Row, whole } from './table.js'

const BAR = 3
const OPERATIONS = 200_000

/** Operations per second. */
export interface Rates {
  readonly set: number
  readonly get: number
}

async function run({ rounds, scale }: Options): Promise<Row[]> {
  const operations = Math.max(1000, Math.round(OPERATIONS * scale))
  const measured: Record<'russet' | 'ioredis-mock', Rates[]> = { russet: [], 'ioredis-mock': [] }
  for (let round = 0; round < rounds; round++) {
    for (const client of ['ioredis-mock', 'russet'] as const) {
      measured[client].push(await runChild<Rates>('in-process', [client, operations]))
    }
  }
  return (['set', 'get'] as const).map((command) => {
    const russet = median(measured.russet.map((rates) => rates[command]))
    const mock = median(measured['ioredis-mock'].map((rates) => rates[command]))
    return {
      what: `await client.${command}`,
      reference: `${whole(mock)}/s`,
      russet: `${whole(russet)}/s`,
      ...atLeast(russet / mock, BAR),
    }
  })
}

export const inProcess: Benchmark = {
  name: 'in-process',
  title: 'In-process client against ioredis-mock',
  run,
}
