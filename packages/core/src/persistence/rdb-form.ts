/** A snapshot as an RDB file, with what the file says of its origin. */

import { REDIS_VERSION } from '../base/version.js'
import type { Engine } from '../engine/engine.js'
import { RdbFileWriter } from '../rdb/rdb-file-writer.js'

/**
 * @param isBase whether logs follow it
 * @param functions source of libraries of functions, which are passed on as they came
 */
export function rdbForm(engine: Engine, isBase: boolean, functions: readonly string[]): RdbFileWriter {
  const { host, settings, keyspace } = engine
  const policy = settings.maxmemoryPolicy
  return new RdbFileWriter(keyspace, host.bytes, {
    aux: [
      ...['redis-ver', REDIS_VERSION, 'redis-bits', '64'],
      ...['ctime', `${Math.floor(host.now() / 1000)}`, 'used-mem', `${host.process?.memory().heap ?? 0}`],
      ...['aof-base', isBase ? '1' : '0'],
    ],
    functions,
    compresses: settings.rdbcompression,
    checksum: settings.rdbchecksum,
    idleTimes: policy.endsWith('-lru'),
  })
}
