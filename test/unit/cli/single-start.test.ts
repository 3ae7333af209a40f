import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { claimDataDir } from '../../../src/cli/single-start'

const newDir = () => mkdtempSync(path.join(tmpdir(), 'claim-'))

test('a data directory is claimed, released and claimed again', () => {
  const dir = path.join(newDir(), 'deep', '.data')
  const release = claimDataDir(dir)
  expect(readFileSync(path.join(dir, 'start.pid'), 'utf8')).toBe(String(process.pid))
  release()
  expect(claimDataDir(dir)).toBeTypeOf('function')
})

test('what was made for a claim and stayed empty goes with its release', () => {
  const top = newDir()
  claimDataDir(path.join(top, 'deep', '.data'))()
  expect(readdirSync(top)).toEqual([])
  mkdirSync(path.join(top, 'own'))
  claimDataDir(path.join(top, 'own'))()
  expect(readdirSync(top)).toEqual(['own'])
})

test.each([
  ['nothing can be made', '/proc/no-such/deep'],
  ['a file is', __filename],
  ['a file is in its path', path.join(__filename, 'data')],
  ['nothing can be written', '/proc'],
  ['the name is too long', path.join(tmpdir(), 'x'.repeat(300))],
])('a data directory where %s is refused in one line', (_why, dir) => {
  const refusal = /^DATA_DIR is ".*": expected a directory to write to \([A-Z_]+\)$/s
  expect(() => claimDataDir(dir)).toThrow(refusal)
})

test('a second start is refused while the first runs, and not after', async () => {
  const dir = newDir()
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', 'auto-registry'])
  writeFileSync(path.join(dir, 'start.pid'), String(other.pid))
  expect(() => claimDataDir(dir)).toThrow(`already runs on ${dir} (process ${other.pid})`)
  other.kill()
  await new Promise((resolve) => other.once('exit', resolve))
  expect(() => claimDataDir(dir)).not.toThrow()
})

test('a number that another program has taken over is no obstacle', () => {
  const dir = newDir()
  const other = spawn('sleep', ['60'])
  writeFileSync(path.join(dir, 'start.pid'), String(other.pid))
  expect(() => claimDataDir(dir)).not.toThrow()
  other.kill()
})
