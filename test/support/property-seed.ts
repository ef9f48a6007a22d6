/** Before each test file: one seed for all property-based tests, chosen in vitest.config.ts. */
import fc from 'fast-check'

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.RUSSET_TEST_SEED) })
