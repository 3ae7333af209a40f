import { execFileSync, spawnSync } from 'node:child_process'
import { beforeAll, expect, it } from 'vitest'

// Builds lib/ once, so that no run of the command is a build.
beforeAll(() => execFileSync(process.execPath, ['bin/auto-registry.js', 'help']))

it.each([
  ['reads no further', 'sleep 1; exec node bin/auto-registry.js help', 'exec true', 141],
  ['reads all', 'exec node bin/auto-registry.js help', 'exec cat', 0],
])('the command, where who listens %s, ends quietly', (_, command, reader, code) => {
  const script = `set -o pipefail; (${command}) | (${reader}); exit "\${PIPESTATUS[0]}"`
  const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: code, stderr: '' })
})
