/** CRLs of a registry made for it: issuers that leave, and names that are the same without being the same bytes. */

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Made, makeCertificate } from '../support/certificates'
import { MadeRegistry } from '../support/made-registry'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { type Service, startService } from '../support/relying-party-service'

const run = promisify(execFile)
const ALWAYS = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2049, 0, 1) }

let database: TestDatabase
let service: Service
let directory: string
let registry: MadeRegistry

beforeAll(async () => {
  database = await createTestDatabase()
  service = await startService(database.url)
  directory = await mkdtemp(path.join(tmpdir(), 'crl-made-'))
  registry = new MadeRegistry(database.url)
})

afterAll(async () => {
  await service?.close()
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

const make = (subject: string, serial: bigint, issuer?: Made): Made =>
  makeCertificate({ ...ALWAYS, subject, serial, ...(issuer && { issuer }) })

async function index(): Promise<void> {
  await registry.index()
  service.head.invalidate()
}

/** Serial numbers and reasons as openssl reads them. */
async function entriesOf(name: string): Promise<string[]> {
  const response = await fetch(`${service.url}/crl/${name}`)
  await writeFile(path.join(directory, 'one.crl'), Buffer.from(await response.arrayBuffer()))
  const options = ['crl', '-inform', 'DER', '-in', 'one.crl', '-noout', '-text']
  const { stdout } = await run('openssl', options, { cwd: directory })
  const entries = stdout.split(/Serial Number: /).slice(1)
  return entries.map((entry) => {
    const reason = /Reason Code: *\n *(.*)/.exec(entry)?.[1]?.trim() ?? 'none'
    return `${entry.split('\n')[0]?.trim()} ${reason}`
  })
}

test('what an issuer signed is listed once it left, under whomever takes its place', async () => {
  const root = make('Root', 1n)
  const rootId = registry.register(root)
  const first = make('Issuer', 2n, root)
  const issuerId = registry.register(first, rootId)
  registry.register(make('Below the first', 0x1111n, first), issuerId)
  await index()
  expect(await entriesOf(`${issuerId}.crl`)).toEqual([])
  registry.deactivate(issuerId, first)
  await index()
  expect(await entriesOf(`${issuerId}.crl`)).toEqual(['1111 Cessation Of Operation'])
  const second = makeCertificate({
    ...ALWAYS,
    subject: 'Issuer',
    serial: 3n,
    issuer: root,
    seed: 'another key',
  })
  registry.register(second, rootId)
  registry.register(make('Below the second', 0x2222n, second), issuerId)
  await index()
  expect(await entriesOf(`${issuerId}.crl`)).toEqual(['1111 Cessation Of Operation'])
})

// X.509 names compare without case (RFC 5280 §7.1), so such a list speaks for the certificate below.
test('the direct form lists certificates under any spelling of the name of their issuer', async () => {
  const issuer = make('Plain Issuer', 4n)
  const issuerId = registry.register(issuer)
  for (const [subject, spelling, serial] of [
    ['One', 'PLAIN  issuer', 0x3333n],
    ['Two', 'Another', 0x4444n],
    ['Three', 'Plain Issuer', 0x5555n],
  ] as const) {
    const leaf = make(subject, serial, { ...issuer, subject: spelling })
    registry.revoke(registry.register(leaf, issuerId), issuerId, issuer)
  }
  await index()
  expect(await entriesOf(`${issuerId}.direct.crl`)).toEqual(['3333 none', '5555 none'])
  expect(await entriesOf(`${issuerId}.crl`)).toHaveLength(3)
  // An issuer that left and came back may issue a serial again: under one name it is listed once.
  registry.register(make('Four', 0x6666n, issuer), issuerId)
  registry.deactivate(issuerId, issuer)
  registry.register(issuer)
  const again = make('Five', 0x6666n, { ...issuer, subject: 'plain ISSUER' })
  registry.revoke(registry.register(again, issuerId), issuerId, issuer)
  await index()
  const listed = await entriesOf(`${issuerId}.direct.crl`)
  expect(listed.map((entry) => entry.split(' ')[0])).toEqual(['3333', '5555', '6666'])
})
