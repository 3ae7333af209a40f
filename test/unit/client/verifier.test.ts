/** The path verifier against a service on a real socket, by a clock that only we move. */

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PeerError } from '../../../src/client/errors'
import { createPathVerifier, type VerifierOptions } from '../../../src/client/verifier'
import { loadSigner, type ResponderSigner } from '../../../src/http/signer'
import { type CertStatus, encodeOcspResponse } from '../../../src/pki/ocsp-encode'
import { parseOcspRequest } from '../../../src/pki/ocsp-request'
import { encodePem } from '../../../src/pki/pem'

const START = Date.parse('2026-11-19T12:00:00Z')
const LIFE_MS = 100_000
const GOOD: CertStatus = { status: 'GOOD' }
const REVOKED: CertStatus = { status: 'REVOKED', revokedAtMs: START - 5_000, reason: null }

let directory: string
let signer: ResponderSigner
let server: Server
let now: number
let asked: number
/** What the service says; a number is an HTTP status, null no answer at all. */
let says: CertStatus | number | null

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'client-test-'))
  signer = await loadSigner({ dataDir: directory, keyFile: null, certFile: null, nowMs: START })
  server = createServer(async (request, response) => {
    asked++
    const { certIds, nonce } = parseOcspRequest(new Uint8Array(await buffer(request)))
    if (says === null) return
    if (typeof says === 'number') {
      response.writeHead(says).end()
      return
    }
    const certStatus = says
    const times = { thisUpdateMs: now, nextUpdateMs: now + LIFE_MS }
    const singles = certIds.map(({ der }) => ({ certId: der, certStatus, ...times }))
    response.end(encodeOcspResponse(singles, now, nonce, signer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(directory, { recursive: true, force: true })
})

beforeEach(() => {
  now = START
  asked = 0
  says = GOOD
})

function verifier(options: Partial<VerifierOptions> = {}) {
  return createPathVerifier({
    serviceUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    roots: [],
    responder: encodePem('CERTIFICATE', signer.certificate),
    nowMs: () => now,
    ...options,
  })
}

/** The responder's own certificate is self-signed: a path of one. */
const peer = () => [signer.certificate]
const codeOf = (outcome: Promise<unknown>) =>
  outcome.then(
    () => 'accepted',
    (error: PeerError) => error.code,
  )

describe('fail modes', () => {
  test.each([503, 404])(
    'HTTP %i refuses the peer by default, and soft-fail says so',
    async (code) => {
      says = code
      expect(await codeOf(verifier().checkPath(peer()))).toBe('STATUS_UNAVAILABLE')
      const heard: string[] = []
      const soft = verifier({
        failMode: 'SOFT_FAIL',
        onSoftFail: (error) => heard.push(error.code),
      })
      expect(await soft.checkPath(peer())).toMatchObject({ isChecked: false })
      expect(heard).toEqual(['STATUS_UNAVAILABLE'])
    },
  )

  test('a revoked peer is refused under soft-fail too, also once nobody answers any more', async () => {
    says = REVOKED
    const soft = verifier({ failMode: 'SOFT_FAIL', maxCacheSeconds: 0 })
    expect(await codeOf(soft.checkPath(peer()))).toBe('PEER_REVOKED')
    says = 503
    expect(await codeOf(soft.checkPath(peer()))).toBe('PEER_REVOKED')
  })

  test('silence ends with the time-out', async () => {
    says = null
    expect(await codeOf(verifier({ timeoutMs: 100 }).checkPath(peer()))).toBe('STATUS_UNAVAILABLE')
    expect(asked).toBe(1)
  })
})

describe('answers', () => {
  test('are kept while they stand, and asked for again after', async () => {
    const one = verifier()
    expect(await one.checkPath(peer())).toEqual({ validUntilMs: START + LIFE_MS, isChecked: true })
    now = START + LIFE_MS - 1
    await one.checkPath(peer())
    expect(asked).toBe(1)
    says = REVOKED
    now = START + LIFE_MS
    expect(await codeOf(one.checkPath(peer()))).toBe('PEER_REVOKED')
    expect(asked).toBe(2)
  })

  test('are kept no longer than the limit', async () => {
    const one = verifier({ maxCacheSeconds: 10 })
    expect(await one.checkPath(peer())).toMatchObject({ validUntilMs: START + 10_000 })
    now = START + 10_000
    await one.checkPath(peer())
    expect(asked).toBe(2)
  })
})

test('a path without a certificate, or of none that parses, is refused unasked', async () => {
  const soft = verifier({ failMode: 'SOFT_FAIL' })
  expect(await codeOf(soft.checkPath([]))).toBe('PEER_NO_CERTIFICATE')
  expect(await codeOf(soft.checkPath([new Uint8Array([0x30, 0])]))).toBe('PEER_UNANCHORED')
  expect(asked).toBe(0)
})
