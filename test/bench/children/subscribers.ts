/** Connections that subscribe and read what comes, as cheaply as can be: `node subscribers.js <count> <port>...`. */
import { connect } from 'node:net'
import { encodeCommand } from '../../support/resp-connection.js'

const [count = 0, ...ports] = process.argv.slice(2).map(Number)
const buffer = Buffer.allocUnsafe(256 * 1024)
let waiting = count * ports.length
if (waiting === 0) process.stdout.write('ready\n')

for (const port of ports) {
  for (let i = 0; i < count; i++) {
    let confirmed = false
    const callback = (): boolean => {
      // The first that comes is the confirmation.
      if (!confirmed && --waiting === 0) process.stdout.write('ready\n')
      confirmed = true
      return true
    }
    const socket = connect({ host: '127.0.0.1', port, onread: { buffer, callback } })
    socket.write(encodeCommand(['SUBSCRIBE', 'news']))
  }
}
// Whoever started this closes our input when it is done, or dies.
process.stdin.on('end', () => process.exit()).resume()
