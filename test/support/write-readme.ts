/** `npm run docs`: brings the generated part of README.md up to date. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withCompatibilityTable } from './compatibility-table.js'
import { ROOT } from './redis-server.js'

const path = join(ROOT, 'README.md')
writeFileSync(path, withCompatibilityTable(readFileSync(path, 'utf8')))
