/** Whose answer the command takes for a verdict. */

import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { main } from '../../../src/cli/verify'

const VALID = { verdict: 'VALID', signer: '0x1', failures: [], findings: [] }
let directory: string
let service: Server
let port: number
let asked: number
let redirectTo: string | null
let padding: number
let refusal: object | null

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'verify-'))
  await writeFile(file('proof'), 'a proof')
  await writeFile(file('post'), 'a post')
  service = createServer((_, response) => {
    asked++
    const headers = redirectTo === null ? {} : { location: redirectTo }
    response.writeHead(redirectTo === null ? 200 : 307, { ...headers, 'content-encoding': 'gzip' })
    const answer = JSON.stringify(refusal ?? { data: { verifyProvenance: VALID } })
    response.end(gzipSync(answer + ' '.repeat(padding)))
  })
  await new Promise<void>((resolve) => service.listen(0, '0.0.0.0', resolve))
  port = (service.address() as AddressInfo).port
})

afterAll(async () => {
  service.close()
  await rm(directory, { recursive: true, force: true })
})

beforeEach(() => {
  asked = 0
  redirectTo = null
  padding = 0
  refusal = null
})

const file = (name: string) => path.join(directory, name)

async function verify(...options: string[]) {
  let output = ''
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text)
    return true
  })
  try {
    const code = await main([file('proof'), file('post'), ...options])
    return { code, output }
  } finally {
    out.mockRestore()
  }
}

// This machine under a name that is not known for it.
const other = () => `http://0.0.0.0:${port}`

test('a service on this machine is asked over http', async () => {
  const { code, output } = await verify('--service', `http://127.0.0.1:${port}`)
  expect(code).toBe(0)
  expect(output).not.toContain('NOT_AUTHENTICATED')
})

test('one elsewhere is not asked over http: its answer is not signed', async () => {
  await expect(verify('--service', other())).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringMatching(/^--service .*https.*--allow-http/),
  })
  expect(asked).toBe(0)
})

test('with --allow-http it is asked, and the answer says what it is worth', async () => {
  const { code, output } = await verify('--service', other(), '--allow-http')
  expect(code).toBe(0)
  expect(output).toMatch(/^VALID\n(.*\n)*note +NOT_AUTHENTICATED: /)
})

test('no redirect is followed: it could lead to where others can change the answer', async () => {
  redirectTo = `${other()}/graphql`
  await expect(verify('--service', `http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  })
  expect(asked).toBe(1)
})

test('no answer is read that unfolds to more than any verdict', async () => {
  padding = 2_000_000
  await expect(verify('--service', `http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/over 1048576 bytes$/),
  })
})

test.each([
  [['--service', 'registry.example'], /^--service registry\.example is no URL/],
  [['--root', 'root.pem', '--allow-http'], /^--allow-http goes with --service/],
])('%s is refused', async (options, message) => {
  await expect(verify(...options)).rejects.toThrow(message)
})

describe('what was not checked has an exit code of its own, not that of INVALID', () => {
  beforeAll(() => execFileSync(process.execPath, ['bin/auto-registry.js', 'help']))

  test('a reason that would write over it is shown by its codes', async () => {
    refusal = { errors: [{ message: 'no\u001b[2J\u001b[HVALID\r\u202e' }] }
    const url = `http://127.0.0.1:${port}`
    const args = ['bin/auto-registry.js', 'verify', file('proof'), file('post'), '--service', url]
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
      execFile(process.execPath, args, (error, _, stderr) =>
        resolve({ code: error?.code, stderr }),
      ),
    )
    expect(code).toBe(3)
    expect(stderr).toContain('no\\u{1b}[2J\\u{1b}[HVALID\\u{d}\\u{202e}\n')
  })

  test.each([
    ['no such file', ['nowhere', 'post', '--service', 'http://127.0.0.1:9'], /cannot read/],
    [
      'a service that is away',
      ['proof', 'post', '--service', 'http://127.0.0.1:9'],
      /did not answer/,
    ],
    ['no arguments', [], /usage: verify/],
  ])('%s', (_, names, reason) => {
    const argv = names.map((name) => (/^(proof|post|nowhere)$/.test(name) ? file(name) : name))
    const args = ['bin/auto-registry.js', 'verify', ...argv]
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect(status).toBe(3)
    expect(stderr).toMatch(reason)
  })
})
