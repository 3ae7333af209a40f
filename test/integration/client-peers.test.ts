/** Every kind of peer that is not good, as a client and as a server, each a process of its own. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from '../../src/bytes'
import { encodePem } from '../../src/pki/pem'
import {
  basicConstraints,
  keyUsage,
  type Made,
  type MakeOptions,
  makeCertificate,
  subjectAltName,
  textName,
} from '../support/certificates'
import { MadeRegistry } from '../support/made-registry'
import { openPeerProcesses, type PeerProcesses } from '../support/peer-processes'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { type Service, startService } from '../support/relying-party-service'

let database: TestDatabase
let service: Service
let peers: PeerProcesses
let ports: Map<string, Promise<{ server: { next(line: RegExp): Promise<string> }; port: string }>>

// The TLS stack and the service go by the machine's clock.
const ALWAYS = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2049, 0, 1) }
const CA = [basicConstraints(true), keyUsage(5, 6)]
const END = [basicConstraints(false), keyUsage(0), subjectAltName(textName(2, 'localhost'))]
let serial = 100n
const nextSerial = () => serial++

const make = (options: MakeOptions) =>
  makeCertificate({ ...ALWAYS, serial: nextSerial(), ...options })
const makeCa = (subject: string, issuer?: Made, more: Partial<MakeOptions> = {}) =>
  make({ subject, ...(issuer && { issuer }), extensions: CA, ...more })
const makeEnd = (subject: string, issuer: Made, more: Partial<MakeOptions> = {}) =>
  make({ subject, issuer, extensions: END, ...more })

const pemOf = (...chain: readonly Made[]) =>
  chain.map(({ der }) => encodePem('CERTIFICATE', der)).join('')

/** Saves what a peer shows and the key of the first certificate. */
async function save(name: string, ...chain: readonly Made[]): Promise<void> {
  await peers.save(`${name}.pem`, pemOf(...chain))
  const key = chain[0]?.key.export({ format: 'pem', type: 'pkcs8' })
  await peers.save(`${name}.key`, String(key))
}

beforeAll(async () => {
  database = await createTestDatabase()
  service = await startService(database.url)
  peers = await openPeerProcesses(service.url)
  ports = new Map()
  const registry = new MadeRegistry(database.url)
  const root = makeCa('Root')
  const rootId = registry.register(root)
  await peers.save('root.pem', pemOf(root))
  const member = (name: string, more: Partial<MakeOptions> = {}): [Made, Hex] => {
    const made = makeEnd(name, root, more)
    return [made, registry.register(made, rootId)]
  }
  const [peer] = member('service')
  await save('service', peer, root)

  const [revoked, revokedId] = member('revoked')
  registry.revoke(revokedId, rootId, root)
  await save('revoked', revoked, root)

  const [gone, goneId] = member('deactivated')
  registry.deactivate(goneId, gone)
  await save('deactivated', gone, root)

  const [before, renewedId] = member('renewed')
  const after = makeEnd('renewed', root)
  registry.renew(renewedId, after, rootId)
  await save('superseded', before, root)
  await save('renewed', after, root)

  const [over] = member('expired', { notAfter: Date.UTC(2021, 0, 1) })
  await save('expired', over, root)

  await saveBelowIssuers(registry, root, rootId)
  await saveTakenOver(registry, root, rootId)

  const stranger = makeCa('Another root')
  const strangersPeer = makeEnd('unanchored', stranger)
  registry.register(strangersPeer, registry.register(stranger))
  await save('unanchored', strangersPeer, stranger)
  await save('unregistered', makeEnd('unregistered', root), root)
  await registry.index()
}, 60_000)

/** Below issuers that were renewed, revoked or given up after they issued. */
async function saveBelowIssuers(registry: MadeRegistry, root: Made, rootId: Hex): Promise<void> {
  const issue = (name: string) => {
    const issuer = makeCa(name, root)
    const issuerId = registry.register(issuer, rootId)
    const below = makeEnd(`below ${name}`, issuer)
    registry.register(below, issuerId)
    return { issuer, issuerId, below }
  }
  const renewed = issue('renewed issuer')
  const again = makeCa('renewed issuer', root)
  registry.renew(renewed.issuerId, again, rootId)
  await save('under-superseded', renewed.below, renewed.issuer, root)
  await save('under-renewed', renewed.below, again, root)
  const revoked = issue('revoked issuer')
  registry.revoke(revoked.issuerId, rootId, root)
  await save('under-revoked', revoked.below, revoked.issuer, root)
  const gone = issue('deactivated issuer')
  registry.deactivate(gone.issuerId, gone.issuer)
  await save('under-deactivated', gone.below, gone.issuer, root)
}

/** An issuer gives up its place, and another key takes it: what the first one signed was not signed by the second. */
async function saveTakenOver(registry: MadeRegistry, root: Made, rootId: Hex): Promise<void> {
  const first = makeCa('issuer with heirs', root)
  const issuerId = registry.register(first, rootId)
  const below = makeEnd('below the first', first)
  registry.register(below, issuerId)
  registry.deactivate(issuerId, first)
  const second = makeCa('issuer with heirs', root, { seed: 'the second key' })
  registry.register(second, rootId)
  const heir = makeEnd('below the second', second)
  registry.register(heir, issuerId)
  await save('taken-over', below, first, root)
  await save('under-the-second', heir, second, root)
}

afterAll(async () => {
  await peers?.close()
  await service?.close()
  await database?.close()
})

/** One server a name is enough. */
function serverOf(name: string) {
  const running = ports.get(name) ?? peers.startServer(name)
  ports.set(name, running)
  return running
}

describe('good peers talk', () => {
  test.each(['service', 'renewed', 'under-renewed', 'under-the-second'])('%s', async (name) => {
    const { port } = await serverOf('service')
    expect(await peers.ask(port, name)).toMatch(/^answer hello /)
    expect(await peers.ask((await serverOf(name)).port, 'service')).toMatch(/^answer hello /)
  })
})

describe('a peer is refused, as a client and as a server,', () => {
  test.each([
    ['revoked', /PEER_REVOKED: CN=revoked is revoked since 2020-06-01T/],
    ['deactivated', /PEER_DEACTIVATED: CN=deactivated is deactivated since 2020-06-01T/],
    ['superseded', /PEER_SUPERSEDED: CN=renewed is replaced by another certificate since/],
    ['under-superseded', /PEER_SUPERSEDED: CN=renewed issuer is replaced/],
    ['under-revoked', /PEER_REVOKED: CN=revoked issuer is revoked/],
    ['under-deactivated', /PEER_UNKNOWN: the registry does not vouch for CN=below deactivated/],
    ['taken-over', /PEER_UNKNOWN: the registry does not vouch for CN=below the first/],
    ['unregistered', /PEER_UNKNOWN: the registry does not vouch for CN=unregistered/],
  ])('%s', async (name, reason) => {
    const { server, port } = await serverOf('service')
    expect(await peers.ask(port, name)).toMatch(/^error (ECONNRESET|EPIPE)/)
    expect(await server.next(/^refused/)).toMatch(reason)
    const { port: bad } = await serverOf(name)
    expect(await peers.ask(bad, 'service')).toMatch(reason)
  })

  // The TLS stack itself refuses these, before anybody is asked.
  test.each([
    ['expired', /CERT_HAS_EXPIRED/, /PEER_EXPIRED/],
    [
      'unanchored',
      /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY/,
      /PEER_UNANCHORED/,
    ],
  ])('%s', async (name, reason, code) => {
    const { server, port } = await serverOf('service')
    expect(await peers.ask(port, name)).toMatch(/^error/)
    expect(await server.next(/^refused/)).toMatch(code)
    const { port: bad } = await serverOf(name)
    expect(await peers.ask(bad, 'service')).toMatch(reason)
  })
})
