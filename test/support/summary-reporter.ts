/**
 * Ends a run with one plain line that any CI can read: `N passed, N failed`, and `, N skipped` when there are any.
 * Names before it each test that passed only when repeated: such a test is a fault to find, not a pass to forget.
 */

import type { Reporter, TestModule } from 'vitest/node'

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      let failedTests = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'pending') counts.failed += 1
        else counts[state] += 1
        if (state === 'failed') failedTests += 1
        if (test.diagnostic()?.flaky === true) {
          process.stdout.write(
            `passed only when repeated: ${module.relativeModuleId} > ${test.fullName}\n`,
          )
        }
      }
      // A file that does not load, or fails in its hooks, has failed even when no test in it did.
      if (module.state() === 'failed' && failedTests === 0) counts.failed += 1
    }
    counts.failed += errors.length
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
  }
}
