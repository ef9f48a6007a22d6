/**
 * The russet-server command. This thread reads the command line and the configuration, starts the server in a
 * Worker whose heap is as large as the machine allows (see heap.ts), and passes signals on to it. What the
 * Worker's end means is decided here: the exit code, the pid file, a last line in the log.
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  bytesToUtf8,
  type CommandLine,
  Config,
  ConfigFileError,
  configFileError,
  loadConfig,
  parseCommandLine,
  REDIS_VERSION,
  RUSSET_VERSION,
  readConfigFile,
  USAGE,
  utf8ToBytes,
} from '@russet/core'
import { checkCommand } from './check-command.js'
import { nodeConfigFiles, pathOf, systemReason } from './config-files.js'
import { hasOwnHeapLimit, heapLimitMb, machineMemory } from './heap.js'
import { type Log, openLog } from './log.js'
import { processTitle } from './process-title.js'
import type { ServerThreadData, ThreadMessage } from './server-thread.js'

const STDIN = 0
const STDOUT = 1
const STDERR = 2

type Run = Extract<CommandLine, { action: 'run' }>
type Check = Extract<CommandLine, { action: 'check' }>

/** @param args the command line after the command's name. Ends the process when the server has ended. */
export function main(args: readonly string[]): void {
  const line = parseCommandLine(args.map(utf8ToBytes))
  if (line.action === 'version') print(`Russet server v=${RUSSET_VERSION} redis=${REDIS_VERSION} bits=64`)
  else if (line.action === 'help') print(USAGE.trimEnd())
  else if (line.action === 'refuse') quit(line.reason)
  else if (line.action === 'check') void check(line)
  else start(line)
}

function start(line: Run): void {
  try {
    run(line)
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error
    quit(error.message)
  }
}

async function check(line: Check): Promise<void> {
  const { isSound, text } = await checkCommand(line.file, line.fix)
  print(text)
  if (!isSound) process.exitCode = 1
}

function print(text: string): void {
  writeSync(STDOUT, `${text}\n`)
}

function quit(reason: string): void {
  writeSync(STDERR, Buffer.from(`${reason}\n`, 'latin1'))
  process.exitCode = 1
}

function run(line: Run): void {
  const config = new Config()
  config.adopt('dir', workingDirectory())
  // Later lines, relative includes among them, are read from the new directory, as in Redis.
  config.onChange(['dir'], (settings) => {
    try {
      process.chdir(bytesToUtf8(settings.dir))
      config.adopt('dir', workingDirectory())
      return undefined
    } catch (error) {
      return systemReason(error)
    }
  })
  const configFile = line.file === undefined ? '' : utf8ToBytes(resolve(bytesToUtf8(line.file)))
  const texts = [configFile === '' ? '' : readConfigFile(configFile, nodeConfigFiles)]
  if (line.stdin) texts.push(readFileSync(STDIN, 'latin1'))
  if (line.options !== '') texts.push(line.options)
  const lines = loadConfig(config, texts.join('\n'), nodeConfigFiles)

  const log = openCheckedLog(config)
  log.write('notice', 'oO0OoO0OoO0Oo Russet is starting oO0OoO0OoO0Oo')
  const versions = `Russet version=${RUSSET_VERSION}, Redis version=${REDIS_VERSION}, bits=64`
  log.write('notice', `${versions}, node=${process.version}, pid=${process.pid}, just started`)
  log.write('notice', 'Configuration loaded')
  if (config.settings.setProcTitle)
    process.title = bytesToUtf8(processTitle(config.settings, 'russet-server', configFile))
  writePidFile(config, log)
  const executable = process.argv[1] ?? process.execPath
  startServer(config, { lines, configFile, executable, dir: config.settings.dir }, log)
}

function workingDirectory(): string {
  return utf8ToBytes(process.cwd())
}

function openCheckedLog(config: Config): Log {
  const { logfile, loglevel } = config.settings
  if (logfile !== '') {
    try {
      closeSync(openSync(pathOf(logfile), 'a'))
    } catch (error) {
      throw configFileError(`Can't open the log file: ${systemReason(error)}`)
    }
  }
  return openLog(logfile === '' ? '' : pathOf(logfile), loglevel, 'C')
}

function writePidFile(config: Config, log: Log): void {
  const { pidfile } = config.settings
  if (pidfile === '') return
  try {
    writeFileSync(pathOf(pidfile), `${process.pid}\n`)
  } catch (error) {
    log.write('warning', `Failed to write PID file ${pidfile}: ${systemReason(error)}`)
    return
  }
  // The directory may have changed by then.
  const path = pathOf(utf8ToBytes(resolve(bytesToUtf8(pidfile))))
  process.on('exit', () => rmSync(path, { force: true }))
}

function startServer(config: Config, workerData: ServerThreadData, log: Log): void {
  const maxOldGenerationSizeMb = heapLimitMb(config.settings.maxmemory, machineMemory())
  const thread = new Worker(new URL('./server-thread.js', import.meta.url), {
    workerData,
    // A flag for Node would be overruled by a limit of the Worker.
    ...(hasOwnHeapLimit() ? {} : { resourceLimits: { maxOldGenerationSizeMb } }),
  })
  log.role = 'M'

  thread.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      log.write('warning', `Out of memory: the JavaScript heap has reached ${maxOldGenerationSizeMb} MB`)
    else log.write('warning', `Russet has crashed: ${error.stack ?? error}`)
  })
  thread.on('exit', (code) => {
    if (code === 0) log.write('warning', 'Russet is now ready to exit, bye bye...')
    process.exit(code)
  })

  let stopping = false
  const stop = (signal: 'SIGTERM' | 'SIGINT') => {
    if (stopping && signal === 'SIGINT') {
      log.write('warning', 'You insist... exiting now.')
      process.exit(1)
    }
    stopping = true
    log.write('warning', `Received ${signal} scheduling shutdown...`)
    thread.postMessage(signal satisfies ThreadMessage)
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  // A terminal that goes away does not end the server.
  process.on('SIGHUP', () => {})
}
