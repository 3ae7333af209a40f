/** The path verifier against a service on a real socket, by a clock that only we move. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PeerError } from '../../../src/client/errors'
import { createPathVerifier, type VerifierOptions } from '../../../src/client/verifier'
import type { CertStatus } from '../../../src/pki/ocsp-encode'
import { encodePem } from '../../../src/pki/pem'
import { makeCertificate, makeRoot } from '../../support/certificates'
import { endlessAnswer } from '../../support/endless-answer'
import { type StatusService, startStatusService } from '../../support/status-service'

const START = Date.parse('2026-11-19T12:00:00Z')
const LIFE_MS = 100_000
const GOOD: CertStatus = { status: 'GOOD' }
const REVOKED: CertStatus = { status: 'REVOKED', revokedAtMs: START - 5_000, reason: null }

let service: StatusService
let forger: StatusService

beforeAll(async () => {
  service = await startStatusService(START, LIFE_MS)
  forger = await startStatusService(START, LIFE_MS)
})

afterAll(async () => {
  await service.close()
  await forger.close()
})

beforeEach(() => {
  Object.assign(service, { now: START, asked: 0, says: GOOD, signedBy: service.signer })
})

const pemOf = (der: Uint8Array) => encodePem('CERTIFICATE', der)

function verifier(options: Partial<VerifierOptions> = {}) {
  return createPathVerifier({
    serviceUrl: service.url,
    roots: [pemOf(service.signer.certificate)],
    responder: pemOf(service.signer.certificate),
    nowMs: () => service.now,
    ...options,
  })
}

/** The responder's own certificate is self-signed: a path of one. */
const peer = () => [service.signer.certificate]
const codeOf = (outcome: Promise<unknown>) =>
  outcome.then(
    () => 'accepted',
    (error: PeerError) => error.code,
  )

describe('fail modes', () => {
  test.each([503, 404])(
    'HTTP %i refuses the peer by default, and soft-fail says so',
    async (code) => {
      service.says = code
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

  test('an answer without an end refuses the peer under soft-fail too, and is not read on', async () => {
    const { response, read } = endlessAnswer()
    const soft = verifier({ failMode: 'SOFT_FAIL', fetch: async () => response })
    expect(await codeOf(soft.checkPath(peer()))).toBe('STATUS_INVALID')
    expect(read.megabytes).toBeLessThan(10)
  })

  test('a revoked peer is refused under soft-fail too, also once nobody answers any more', async () => {
    service.says = REVOKED
    const soft = verifier({ failMode: 'SOFT_FAIL', maxCacheSeconds: 0 })
    expect(await codeOf(soft.checkPath(peer()))).toBe('PEER_REVOKED')
    service.says = 503
    expect(await codeOf(soft.checkPath(peer()))).toBe('PEER_REVOKED')
  })

  test('soft-fail forgives no forged answer, and no peer that was not good when it was last asked about', async () => {
    const soft = verifier({ failMode: 'SOFT_FAIL', maxCacheSeconds: 0 })
    service.signedBy = forger.signer
    expect(await codeOf(soft.checkPath(peer()))).toBe('STATUS_INVALID')
    service.signedBy = service.signer
    service.says = { status: 'UNKNOWN' }
    expect(await codeOf(soft.checkPath(peer()))).toBe('PEER_UNKNOWN')
    service.says = 503
    expect(await codeOf(soft.checkPath(peer()))).toBe('PEER_UNKNOWN')
  })

  // Over a socket: test/integration/client-tls.test.ts. Here a slow machine could give up before it has asked.
  test('silence ends with the time-out', async () => {
    let asked = 0
    const silent = (_url: unknown, init?: RequestInit) => {
      asked++
      return new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    }
    const one = verifier({ timeoutMs: 100, fetch: silent as typeof fetch })
    expect(await codeOf(one.checkPath(peer()))).toBe('STATUS_UNAVAILABLE')
    expect(asked).toBe(1)
  })
})

describe('answers', () => {
  test('are kept while they stand, and asked for again after', async () => {
    const one = verifier()
    expect(await one.checkPath(peer())).toEqual({ validUntilMs: START + LIFE_MS, isChecked: true })
    service.now = START + LIFE_MS - 1
    await one.checkPath(peer())
    expect(service.asked).toBe(1)
    service.says = REVOKED
    service.now = START + LIFE_MS
    expect(await codeOf(one.checkPath(peer()))).toBe('PEER_REVOKED')
    expect(service.asked).toBe(2)
  })

  test('are kept no longer than the limit', async () => {
    const one = verifier({ maxCacheSeconds: 10 })
    expect(await one.checkPath(peer())).toMatchObject({ validUntilMs: START + 10_000 })
    service.now = START + 10_000
    await one.checkPath(peer())
    expect(service.asked).toBe(2)
  })
})

describe('roots', () => {
  const root = makeRoot()
  const renewed = makeCertificate({ subject: 'Root', serial: 2n, notBefore: Date.UTC(2026, 5, 1) })
  const superseded: CertStatus = { ...REVOKED, reason: 'superseded' }

  test('a path that ends in another self-signed certificate is refused unasked', async () => {
    const one = verifier({ roots: [pemOf(root.der)], failMode: 'SOFT_FAIL' })
    expect(await codeOf(one.checkPath(peer()))).toBe('PEER_UNANCHORED')
    expect(service.asked).toBe(0)
    expect(await codeOf(one.checkPath([root.der]))).toBe('accepted')
  })

  test('a renewed root is taken while it is trusted under its new certificate, too; under the old one alone it is superseded', async () => {
    service.says = (serial) => (serial === 1n ? superseded : GOOD)
    const both = verifier({ roots: [pemOf(root.der), pemOf(renewed.der)] })
    expect(await codeOf(both.checkPath([root.der]))).toBe('accepted')
    const old = verifier({ roots: [pemOf(root.der)] })
    expect(await codeOf(old.checkPath([root.der]))).toBe('PEER_SUPERSEDED')
  })

  test('the next certificate of a root may be trusted before the registry has it: one of them must be good', async () => {
    const both = () => verifier({ roots: [pemOf(root.der), pemOf(renewed.der)] })
    service.says = (serial) => (serial === 1n ? GOOD : { status: 'UNKNOWN' })
    expect(await codeOf(both().checkPath([root.der]))).toBe('accepted')
    expect(await codeOf(both().checkPath([renewed.der]))).toBe('accepted')
    service.says = (serial) => (serial === 1n ? superseded : REVOKED)
    expect(await codeOf(both().checkPath([root.der]))).toBe('PEER_REVOKED')
    service.says = (serial) => (serial === 1n ? superseded : { status: 'UNKNOWN' })
    expect(await codeOf(both().checkPath([renewed.der]))).toBe('PEER_SUPERSEDED')
  })

  test('a path that ends in a certificate of a trusted root that is not trusted itself is judged by those that are', async () => {
    service.says = (serial) => (serial === 1n ? superseded : GOOD)
    const newOnly = verifier({ roots: [pemOf(renewed.der)] })
    expect(await codeOf(newOnly.checkPath([root.der]))).toBe('accepted')
    const oldOnly = verifier({ roots: [pemOf(root.der)] })
    expect(await codeOf(oldOnly.checkPath([renewed.der]))).toBe('PEER_SUPERSEDED')
    const namesake = makeCertificate({ subject: 'Root', seed: 'another key', serial: 3n })
    expect(await codeOf(newOnly.checkPath([namesake.der]))).toBe('PEER_UNANCHORED')
  })

  test('a root with another key is no other certificate of the same root', async () => {
    const namesake = makeCertificate({ subject: 'Root', seed: 'another key', serial: 3n })
    service.says = (serial) => (serial === 1n ? REVOKED : GOOD)
    const both = verifier({ roots: [pemOf(root.der), pemOf(namesake.der)] })
    expect(await codeOf(both.checkPath([root.der]))).toBe('PEER_REVOKED')
    expect(await codeOf(both.checkPath([namesake.der]))).toBe('accepted')
  })
})

describe('dates, which a resumed session or a pooled connection outlives', () => {
  const END = START + 20_000
  const root = makeRoot()
  const peer = makeCertificate({ subject: 'Peer', issuer: root, serial: 2n, notAfter: END })
  const path = [peer.der, root.der]

  test('no answer stands longer than the certificates of its path', async () => {
    const one = verifier({ roots: [pemOf(root.der)] })
    expect(await one.checkPath(path)).toEqual({ validUntilMs: END, isChecked: true })
    service.now = END
    expect(await codeOf(one.checkPath(path))).toBe('accepted')
    service.now = END + 1_000
    expect(await codeOf(one.checkPath(path))).toBe('PEER_EXPIRED')
  })

  test('a certificate that is over, or not valid yet, is refused unasked', async () => {
    const soft = verifier({ roots: [pemOf(root.der)], failMode: 'SOFT_FAIL' })
    service.now = END + 1_000
    expect(await codeOf(soft.checkPath(path))).toBe('PEER_EXPIRED')
    const early = makeCertificate({ subject: 'Early', issuer: root, notBefore: END + 2_000 })
    expect(await codeOf(soft.checkPath([early.der, root.der]))).toBe('PEER_EXPIRED')
    expect(service.asked).toBe(0)
  })

  test('a root that is over counts no more, but its renewed certificate does', async () => {
    const old = makeCertificate({ subject: 'Root', notAfter: END })
    const renewed = makeCertificate({ subject: 'Root', serial: 5n })
    service.now = END + 1_000
    expect(await codeOf(verifier({ roots: [pemOf(old.der)] }).checkPath([old.der]))).toBe(
      'PEER_EXPIRED',
    )
    const both = verifier({ roots: [pemOf(old.der), pemOf(renewed.der)] })
    expect(await codeOf(both.checkPath([renewed.der]))).toBe('accepted')
    service.says = (serial) => (serial === 1n ? GOOD : { status: 'UNKNOWN' })
    both.clearCache()
    expect(await codeOf(both.checkPath([renewed.der]))).toBe('PEER_UNKNOWN')
  })
})

test('a path without a certificate, or of none that parses, is refused unasked', async () => {
  const soft = verifier({ failMode: 'SOFT_FAIL' })
  expect(await codeOf(soft.checkPath([]))).toBe('PEER_NO_CERTIFICATE')
  expect(await codeOf(soft.checkPath([new Uint8Array([0x30, 0])]))).toBe('PEER_UNANCHORED')
  expect(service.asked).toBe(0)
})

// https that leads to http is no more trustworthy than http.
test('a responder certificate that is fetched is not taken from where a redirect leads', async () => {
  const pem = pemOf(service.signer.certificate)
  let led = 0
  const elsewhere = createServer((_, response) => {
    led++
    response.end(pem)
  })
  const redirecting = createServer((_, response) =>
    response.writeHead(302, { location: urlOf(elsewhere) }).end(),
  )
  const urlOf = (server: Server) =>
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/responder.pem`
  for (const server of [elsewhere, redirecting]) await once(server.listen(0), 'listening')
  const ask = (serviceUrl: string) => {
    const options = { serviceUrl, roots: [pem], nowMs: () => service.now }
    return codeOf(createPathVerifier(options).checkPath(peer()))
  }
  try {
    expect(await ask(new URL(urlOf(redirecting)).origin)).toBe('STATUS_UNAVAILABLE')
    expect(led).toBe(0)
  } finally {
    for (const server of [elsewhere, redirecting]) server.close()
  }
})
