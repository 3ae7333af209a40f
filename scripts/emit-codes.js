// Writes docs/codes.md anew from the code tables: the drift test, told to keep what it finds.
const { spawnSync } = require('node:child_process')
const path = require('node:path')

const vitest = path.join(path.dirname(require.resolve('vitest/package.json')), 'vitest.mjs')
const test = 'test/unit/verify/codes.test.ts'
const run = spawnSync(process.execPath, [vitest, 'run', test, '--update'], {
  cwd: path.join(__dirname, '..'),
  stdio: 'inherit',
})
process.exit(run.status ?? 1)
