/** Two real processes talk over mutual TLS with the sample chain's identities, until one is revoked. */

import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indexDevChain } from '../support/indexed-dev-chain'
import { indexRevocation } from '../support/next-block'
import { openPeerProcesses, type PeerProcesses } from '../support/peer-processes'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { type Service, startService } from '../support/relying-party-service'

const PERSON = '0x1602ab2a8a7a16384355dbdc925693409591c4d93e7403290c4318c8106e92d7'
const SERVICE = '0x02106153c961063bad7d076150b07dc567dbc56363bbf8b268cb53fd8e7cbb16'
const CLIENT = '0xda7c531f555c50c5f5af89459b1f33ba61a16f9d516c0526dbf160f68a4d28b0'
const ORGANISATION = '0xff8f64cb4ed308d50108cc065f70a7d1dbfeda78af9d0d2788215684ae21c71d'
const PARTNER = '0x688595982cbca6d0cc237b8fda28a9fdadd00374a37d377df5f87f73ede6654a'

let database: TestDatabase
let service: Service
let peers: PeerProcesses

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  service = await startService(database.url)
  peers = await openPeerProcesses(service.url)
  const keys = JSON.parse(await readFile('test/fixtures/dev/keys.json', 'utf8')) as KeyEntry[]
  for (const [name, id] of Object.entries({ service: SERVICE, client: CLIENT })) {
    await peers.save(`${name}.key`, keyOf(keys, id))
    await peers.save(`${name}.pem`, await download(`/autoid/${id}.chain.pem`))
  }
  await peers.save('root.pem', await download(`/autoid/${ORGANISATION}.pem`))
  await peers.save('partner.pem', await download(`/autoid/${PARTNER}.pem`))
  personKey = keyOf(keys, PERSON)
})

afterAll(async () => {
  await peers?.close()
  await service?.close()
  await database?.close()
})

type KeyEntry = { pkcs8Pem: string; usedFor: { autoId: string }[] }
let personKey: string

function keyOf(keys: readonly KeyEntry[], autoId: string): string {
  const found = keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === autoId))
  if (found === undefined) throw new Error(`no key of ${autoId}`)
  return found.pkcs8Pem
}

const download = async (target: string) => (await fetch(`${service.url}${target}`)).text()

/** What the server sends to a plain HTTP request through `openssl s_client`, diagnostics left out. */
async function askByOpenssl(port: string, hasCertificate: boolean): Promise<string> {
  const identity = ['-cert', 'client.pem', '-key', 'client.key', '-cert_chain', 'client.pem']
  const options = ['-CAfile', 'root.pem', '-verify_return_error', '-quiet', '-ign_eof']
  const child = spawn(
    'openssl',
    ['s_client', '-connect', `127.0.0.1:${port}`, ...options, ...(hasCertificate ? identity : [])],
    { cwd: peers.directory },
  )
  peers.children.push(child)
  // It may be gone before it has read everything.
  child.stdin.on('error', () => undefined)
  child.stdin.end('GET / HTTP/1.0\r\n\r\n')
  let said = ''
  for await (const chunk of child.stdout) said += String(chunk)
  return said
}

/** `openssl s_server` with the service's identity on a free port. */
async function startOpensslServer(): Promise<string> {
  const identity = ['-cert', 'service.pem', '-key', 'service.key', '-cert_chain', 'service.pem']
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-www', ...identity], {
    cwd: peers.directory,
  })
  peers.children.push(child)
  let said = ''
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^ACCEPT .*:(\d+)/.exec(line)?.[1]
    if (port !== undefined) return port
    said += `${line}\n`
  }
  throw new Error(`openssl s_server did not start:\n${said}`)
}

describe('two processes over mutual TLS', () => {
  test('a client without a certificate is not served', async () => {
    const { server, port } = await peers.startServer()
    expect(await peers.ask(port, null)).toMatch(/^error/)
    expect(await server.next(/^handshake/)).toContain('ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')
  })

  test("a server that is not under the client's roots is refused", async () => {
    const { port } = await peers.startServer()
    const said = await peers.ask(port, 'client', 'partner.pem')
    expect(said).toMatch(
      /^error (SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE)/,
    )
  })

  test('without an answer from the service the peer is refused (hard fail), within the time-out', async () => {
    const { port } = await peers.startServer()
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    try {
      const said = await peers.ask(port, 'client', 'root.pem', url)
      expect(said).toMatch(/^error STATUS_UNAVAILABLE/)
    } finally {
      silent.closeAllConnections()
      silent.close()
    }
  })

  test('openssl s_client, which knows nothing of us, is served with a good certificate, and not without one', async () => {
    const { server, port } = await peers.startServer()
    expect(await askByOpenssl(port, true)).toContain('hello ')
    expect(await askByOpenssl(port, false)).not.toContain('hello ')
    expect(await server.next(/^handshake/)).toContain('ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')
  })

  test('our client talks to openssl s_server under the root, and not under another', async () => {
    const port = await startOpensslServer()
    expect(await peers.ask(port, 'client')).toMatch(/^answer /)
    expect(await peers.ask(port, 'client', 'partner.pem')).toMatch(/^error /)
  })

  test("talk while both are good; after the client's revocation the next handshake fails with the reason", async () => {
    const { server, port } = await peers.startServer()
    expect(await peers.ask(port, 'client')).toMatch(/^answer hello /)
    await indexRevocation(database.url, CLIENT, PERSON, personKey)
    service.head.invalidate()
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect(await peers.ask(port, 'client')).toMatch(/^error/)
    expect(await server.next(/^refused/)).toMatch(
      /^refused PEER_REVOKED: .*revoked since 2026-11-19T/,
    )
    expect(await askByOpenssl(port, true)).not.toContain('hello ')
    expect(await server.next(/^refused/)).toMatch(/^refused PEER_REVOKED/)
  })
})

test('the client module brings nothing of the indexer along', async () => {
  const bundle = await readFile(path.join(peers.directory, 'auto-registry-client.mjs'), 'utf8')
  const imports = [...bundle.matchAll(/^import .* from ["']([^"']+)["']/gm)].map(([, name]) => name)
  expect(imports.length).toBeGreaterThan(0)
  for (const name of imports) expect(name).toMatch(/^node:/)
})
