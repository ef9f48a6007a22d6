/** Begins a run with the seed of its properties, ends it with one line for tools: `N passed, N failed`. */
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

export default class SummaryReporter implements Reporter {
  onInit(): void {
    console.log(`Seed of the properties: RUSSET_TEST_SEED=${process.env.RUSSET_TEST_SEED}`)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    let passed = 0
    // An error outside of any test, and a file that cannot be loaded, count as failures.
    let failed = unhandled.length
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        // No test may be skipped where it counts; locally, `-t` skips all others.
        else if (state !== 'skipped' || process.env.CI !== undefined) failed++
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length
    }
    console.log(`${passed} passed, ${failed} failed`)
  }
}
