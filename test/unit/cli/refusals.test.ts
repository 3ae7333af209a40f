import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, expect, it } from 'vitest'

const program = path.resolve('bin/auto-registry.js')

// Builds lib/ once, so that no run of the command is a build.
beforeAll(() => execFileSync(process.execPath, [program, 'help']))

const run = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })

it.each(['processor', 'audit', 'make-chain', 'devnet'])(
  '%s says in one line that it has no such option',
  (command) => {
    const { status, stderr } = run(command, '--nope')
    expect(stderr).toMatch(/^[a-z-]+: [^\n]*'--nope'[^\n]*\n$/)
    expect(status).toBeGreaterThan(0)
  },
)

it('devnet says in one line that its port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : null
  const { status, stderr } = run('devnet', '--port', String(port))
  taken.close()
  expect(stderr).toMatch(/^devnet: [^\n]*EADDRINUSE[^\n]*\n$/)
  expect(status).toBe(1)
})

it('devnet finds its sample chain from any directory', async () => {
  const child = spawn(process.execPath, [program, 'devnet', '--port', '0'], { cwd: tmpdir() })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += String(chunk)
      child.kill('SIGTERM')
    })
  }
  const [code] = await once(child, 'exit')
  expect(said).toMatch(/^devnet: http:\/\/127\.0\.0\.1:\d+ .*, head 282 0x/)
  expect(code).toBe(0)
})
