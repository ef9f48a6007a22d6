/** Measures what one kind of data takes: `node sizes.js <kind> <bytes>`. */
import { measureSize } from '../../support/size-on-heap.js'

const [, , kind = '', bytes = ''] = process.argv
process.stdout.write(JSON.stringify(measureSize(kind, Number(bytes))), () => process.exit(0))
