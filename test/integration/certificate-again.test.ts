/** One certificate registered many times: which registration a fingerprint stands for, at which moment. */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../src/registry/certificate-content'
import { identifierOfCall } from '../../src/registry/pallet-certificate'
import type { RegistryCall } from '../../src/registry/types'
import { openTestApi, type TestApi } from '../support/api'
import { indexCalls } from '../support/made-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { actionCall, KEYS, leafCall, NOW, registerCall, serial } from '../support/registry-builder'

const idOf = (call: RegistryCall) => identifierOfCall(call) ?? ''
const root = registerCall({ commonName: 'root', key: KEYS.a })
const rootId = idOf(root)
const leaf = leafCall(rootId, { commonName: 'leaf', serial: serial(2), key: KEYS.b })
/** Another issuer with the root's key, and the very same certificate below it. */
const stranger = registerCall({ commonName: 'stranger', key: KEYS.c })
const twin = leafCall(idOf(stranger), {
  commonName: 'twin',
  serial: serial(3),
  key: KEYS.a,
  signer: KEYS.c,
})
const again: RegistryCall = { ...leaf, issuerId: idOf(twin) } as RegistryCall
const [leafId, againId] = [idOf(leaf), idOf(again)]

/** Blocks: 1 root, 2 leaf, 3 stranger, 4 twin, 5 the leaf below it, 6 which leaves. */
const calls = [
  ...[root, leaf, stranger, twin, again].map((call) => ({ call, autoId: idOf(call) })),
  { call: actionCall('DEACTIVATE', againId, KEYS.b, 0n), autoId: againId },
]
const fingerprint = 'certificate' in leaf ? sha256Hex(leaf.certificate) : ''

let database: TestDatabase
let client: pg.Client
let api: TestApi
beforeAll(async () => {
  database = await createTestDatabase()
  await indexCalls(database.url, calls)
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  api = openTestApi(database.url, { nowMs: () => NOW + 60_000 })
})
afterAll(async () => {
  await client?.end()
  await api?.close()
  await database?.close()
})

async function registeredAt(block: number) {
  const query = `query ($f: String!, $at: PointInTime) {
    certificate(fingerprint: $f, at: $at) { autoId { id } inForceFrom { height } } }`
  type Answer = {
    certificate: { autoId: { id: string }; inForceFrom: { height: number } } | null
  }
  const { certificate } = await api.ask<Answer>(query, { f: fingerprint, at: { block } })
  return certificate && [certificate.autoId.id, certificate.inForceFrom.height]
}

async function verdictAt(block: number): Promise<string> {
  const query = `query ($subject: CertificateRef!, $at: PointInTime) {
    verify(subject: $subject, at: $at, knownAt: $at) { verdict } }`
  const variables = { subject: { fingerprint }, at: { block } }
  return (await api.ask<{ verify: { verdict: string } }>(query, variables)).verify.verdict
}

describe('certificate(fingerprint, at)', () => {
  it('is the last registration by then that is in force', async () => {
    expect(await registeredAt(1)).toBeNull()
    expect(await registeredAt(2)).toEqual([leafId, 2])
    expect(await registeredAt(4)).toEqual([leafId, 2])
    expect(await registeredAt(5)).toEqual([againId, 5])
  })

  it('is none that has ended, while another one is in force', async () => {
    expect(await registeredAt(6)).toEqual([leafId, 2])
  })

  it('finds it past any number of later registrations, and so does a verdict', async () => {
    // The same certificate of the one that left, 1,100 times, each time for no block at all.
    await client.query(
      `insert into certificate
       select (jsonb_populate_record(c, jsonb_build_object('id', '0000000006-9' || lpad(n::text, 6, '0') || '-0',
                 'block_from', 6, 'block_to', 6))).*
         from certificate c, generate_series(1, 1100) n where c.auto_id = $1`,
      [againId],
    )
    await api.close()
    api = openTestApi(database.url, { nowMs: () => NOW + 60_000 })
    expect(await registeredAt(2)).toEqual([leafId, 2])
    expect(await registeredAt(6)).toEqual([leafId, 2])
    expect(await verdictAt(4)).toBe('VALID')
    // Of two identities one has left: it is as good as the worst.
    expect(await verdictAt(6)).toBe('INVALID')
  })
})
