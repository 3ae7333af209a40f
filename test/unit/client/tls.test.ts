/** Node's TLS with the verifier plugged in, on real sockets, by a clock that only we move. */

import { once } from 'node:events'
import { type Agent, createServer, request } from 'node:https'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { connect, createServer as createTlsServer, type Server, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PeerError } from '../../../src/client/errors'
import { createTlsVerifier, type TlsVerifier } from '../../../src/client/tls'
import { encodePem } from '../../../src/pki/pem'
import {
  basicConstraints,
  keyUsage,
  type Made,
  makeCertificate,
  subjectAltName,
  textName,
} from '../../support/certificates'
import { type StatusService, startStatusService } from '../../support/status-service'

const START = Date.parse('2026-11-19T12:00:00Z')
const LIFE_MS = 100_000
// The TLS stack has a clock of its own.
const ALWAYS = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2049, 0, 1) }
const CA = [basicConstraints(true), keyUsage(5, 6)]
const root = makeCertificate({
  subject: 'Root',
  extensions: CA,
  ...ALWAYS,
})
const peer = makeCertificate({
  subject: 'Peer',
  issuer: root,
  serial: 2n,
  extensions: [basicConstraints(false), keyUsage(0), subjectAltName(textName(2, 'localhost'))],
  ...ALWAYS,
})

let service: StatusService
const servers: Server[] = []

beforeAll(async () => {
  service = await startStatusService(START, LIFE_MS)
})

afterAll(async () => {
  for (const server of servers) server.close()
  await service.close()
})

beforeEach(() => {
  Object.assign(service, { now: START, asked: 0, says: { status: 'GOOD' } })
})

const pemOf = ({ der }: Made) => encodePem('CERTIFICATE', der)
const identity = {
  key: peer.key.export({ format: 'pem', type: 'pkcs8' }),
  cert: `${pemOf(peer)}${pemOf(root)}`,
}

function verifier(trusted = root): TlsVerifier {
  return createTlsVerifier({
    serviceUrl: service.url,
    roots: [pemOf(trusted)],
    responder: encodePem('CERTIFICATE', service.signer.certificate),
    maxCacheSeconds: 3_600,
    nowMs: () => service.now,
  })
}

async function listen<S extends Server>(server: S): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Local port of the connection the answer came by, so that a connection used again is seen. */
function ask(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, agent, servername: 'localhost' }
    const sent = request(options, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += String(chunk)
      })
      response.on('end', () => resolve(text))
    })
    sent.once('error', reject).end()
  })
}

function startEcho(): Promise<number> {
  const options = { ...identity, keepAliveTimeout: 60_000 }
  return listen(
    createServer(options, ({ socket }, response) => response.end(String(socket.remotePort))),
  )
}

test('a pooled connection is used while its answers stand, and not once they are over', async () => {
  const port = await startEcho()
  const agent = verifier().createAgent({ keepAlive: true })
  const first = await ask(port, agent)
  service.now = START + LIFE_MS - 1
  expect(await ask(port, agent)).toBe(first)
  expect(service.asked).toBe(1)
  service.now = START + LIFE_MS
  service.says = { status: 'REVOKED', revokedAtMs: START, reason: null }
  await expect(ask(port, agent)).rejects.toMatchObject({ code: 'PEER_REVOKED' })
  agent.destroy()
})

test('a request that waits for the only connection does not get it once its answers are over', async () => {
  const port = await startEcho()
  const agent = verifier().createAgent({ keepAlive: true, maxSockets: 1 })
  const [first, second] = [ask(port, agent), ask(port, agent)]
  service.says = { status: 'REVOKED', revokedAtMs: START, reason: null }
  // The first was accepted before; the second waits behind it.
  agent.prependOnceListener('free', () => {
    service.now = START + LIFE_MS
  })
  await Promise.allSettled([first])
  await expect(second).rejects.toMatchObject({ code: 'PEER_REVOKED' })
  agent.destroy()
})

test('a peer that still shows an earlier certificate of its root is taken under the one that is trusted', async () => {
  const renewed = makeCertificate({ subject: 'Root', serial: 9n, extensions: CA, ...ALWAYS })
  service.says = (serial) =>
    serial === 1n
      ? { status: 'REVOKED', revokedAtMs: START, reason: 'superseded' }
      : { status: 'GOOD' }
  const port = await startEcho()
  expect(await ask(port, verifier(renewed).createAgent())).toMatch(/^\d+$/)
  await expect(ask(port, verifier(root).createAgent())).rejects.toMatchObject({
    code: 'PEER_SUPERSEDED',
    subject: 'CN=Root',
  })
})

test('no listener of a protected server hears of a connection before its peer is accepted', async () => {
  const own = verifier()
  const server = createServer(
    { ...identity, requestCert: true, ...own.tlsOptions },
    (_, response) => response.end('served'),
  )
  const refused: string[] = []
  own.protect(server, ({ code }) => refused.push(code))
  const heard: TLSSocket[] = []
  server.on('secureConnection', (socket) => heard.push(socket))
  const port = await listen(server)
  const client = () => verifier().createAgent({ ...identity, keepAlive: false })
  expect(await ask(port, client())).toBe('served')
  expect(heard).toHaveLength(1)
  service.now = START + LIFE_MS
  let questions = 0
  // Good to the client, who asks about the server; revoked to the server, who asks later.
  service.says = () =>
    questions++ < 2 ? { status: 'GOOD' } : { status: 'REVOKED', revokedAtMs: START, reason: null }
  await expect(ask(port, client())).rejects.toThrow()
  await expect.poll(() => refused).toEqual(['PEER_REVOKED'])
  expect(heard).toHaveLength(1)
})

/** What a protected server tells of a client that the TLS stack itself turns away. */
async function toldOf(options: { hasListener: boolean }, act: (port: number) => void) {
  const own = verifier()
  const server = createTlsServer({ ...identity, requestCert: true, ...own.tlsOptions })
  const told: { refused: PeerError[]; clientErrors: (Error & { code?: string })[] } = {
    refused: [],
    clientErrors: [],
  }
  own.protect(server, options.hasListener ? (error) => told.refused.push(error) : undefined)
  server.on('tlsClientError', (error) => told.clientErrors.push(error))
  act(await listen(server))
  await expect.poll(() => told.clientErrors.length).toBe(1)
  return told
}

const shown =
  (made: Made, issuer: Made = root) =>
  (port: number) => {
    const key = made.key.export({ format: 'pem', type: 'pkcs8' })
    const cert = `${pemOf(made)}${pemOf(issuer)}`
    connect({ port, host: '127.0.0.1', key, cert, rejectUnauthorized: false }).on('error', () => {})
  }

const end = { issuer: root, serial: 3n, extensions: [basicConstraints(false), keyUsage(0)] }
const past = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2021, 0, 1) }
const future = { notBefore: Date.UTC(2048, 0, 1), notAfter: Date.UTC(2049, 0, 1) }
const stranger = makeCertificate({ subject: 'Stranger', seed: 'another', ...ALWAYS })

test.each([
  [
    'an expired client',
    'PEER_EXPIRED',
    shown(makeCertificate({ subject: 'Old', ...end, ...past })),
  ],
  [
    'one not valid yet',
    'PEER_EXPIRED',
    shown(makeCertificate({ subject: 'New', ...end, ...future })),
  ],
  ['one under no trusted root', 'PEER_UNANCHORED', shown(stranger, stranger)],
  [
    'one without a certificate',
    'PEER_NO_CERTIFICATE',
    (port: number) =>
      connect({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => {}),
  ],
  [
    'one that does not speak TLS',
    'HANDSHAKE_FAILED',
    (port: number) =>
      connectTcp(port, '127.0.0.1')
        .on('error', () => {})
        .end('GET / HTTP/1.1\r\n\r\n'),
  ],
])('%s is told of as %s, to onRefused or by tlsClientError', async (_, code, act) => {
  const told = await toldOf({ hasListener: true }, act)
  expect(told.refused).toMatchObject([{ code, cause: told.clientErrors[0] }])
  const alone = await toldOf({ hasListener: false }, act)
  expect(alone.refused).toEqual([])
  expect(alone.clientErrors).toMatchObject([{ name: 'PeerError', code }])
})

test('a client that only hangs up was refused by nobody', async () => {
  const told = await toldOf({ hasListener: true }, (port) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.end())
  })
  expect(told.refused).toEqual([])
  expect(told.clientErrors).toMatchObject([{ code: 'ECONNRESET' }])
})
