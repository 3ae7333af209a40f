/** The answers of GraphQL against what the pallet itself recorded, at every block of the recorded chain. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api'
import {
  type ExpectedEntry,
  type ExpectedError,
  type RegistryState,
  readExpected,
  statesByHash,
} from '../support/dev-oracle'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

let database: TestDatabase
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  api = openTestApi(database.url, { limits: { maxComplexity: 100_000, maxPageSize: 2_000 } })
})
afterAll(async () => {
  await api?.close()
  await database?.close()
})

const expected = readExpected()
const canonical = expected.filter(({ branch }) => branch === 'canonical')
const states = statesByHash(expected)

type Node = {
  id: string
  issuerId: string | null
  kind: string
  status: string
  serial: string
  nonce: string
  commonNameHex: string
  certificate: { notBefore: string; notAfter: string; serial: string; publicKey: { spki: string } }
}
type Page = { autoIds: { totalCount: number; nodes: Node[] } }

const identitiesAt = `query ($at: PointInTime) {
  autoIds(first: 2000, at: $at) {
    totalCount
    nodes {
      id issuerId kind status serial nonce commonNameHex
      certificate { notBefore notAfter serial publicKey { spki } }
    }
  }
}`

describe('autoIds(at) over the recorded chain', () => {
  test('lists at every block what the pallet stored, with its status by that block’s clock', async () => {
    const everRegistered = new Set<string>()
    for (const block of canonical) {
      const state = states.get(block.hash)
      if (state === undefined) throw new Error(`no state of ${block.number}`)
      for (const id of registeredIn(block)) everRegistered.add(id)
      for (const id of Object.keys(state.autoIds)) everRegistered.add(id)
      const { autoIds } = await api.ask<Page>(identitiesAt, { at: { block: block.number } })
      const registered = autoIds.nodes.filter(({ status }) => status !== 'DEACTIVATED')
      const where = `block ${block.number}: ${block.note}`
      expect(byId(registered.map(shown)), where).toEqual(expectedNodes(state, block.timestamp ?? 0))
      expect(autoIds.nodes.map(({ id }) => id).sort(), where).toEqual([...everRegistered].sort())
      expect(autoIds.totalCount, where).toBe(everRegistered.size)
    }
  })

  test('lists at every block each issuer’s revoked serials as the pallet stored them', async () => {
    for (const block of canonical) {
      const lists = states.get(block.hash)?.lists ?? {}
      const aliases = Object.keys(block.crl.set)
      for (const issuer of aliases) {
        const { revocationList } = await api.ask<{
          revocationList: { entries: { serial: string }[]; asOf: { hash: string } }
        }>(
          `query ($issuer: ID!, $at: PointInTime) {
            revocationList(issuer: $issuer, at: $at) { entries { serial } asOf { hash } }
          }`,
          { issuer, at: { block: block.number } },
        )
        const listed = revocationList.entries.map(({ serial }) => BigInt(serial).toString())
        expect(listed.sort(), `block ${block.number}`).toEqual([...(lists[issuer] ?? [])].sort())
        expect(revocationList.asOf.hash).toBe(block.hash)
      }
    }
  })
})

describe('events and failedCalls over the recorded chain', () => {
  test('every registry event once, in chain order, with the call that caused it', async () => {
    const { events } = await api.ask<{ events: { nodes: EventNode[]; totalCount: number } }>(`{
      events(first: 2000) {
        totalCount
        nodes { kind eventIndex extrinsicIndex callPath wrappers signer block { height } autoId { id } }
      }
    }`)
    const wanted = canonical.flatMap((block) =>
      block.extrinsics.flatMap(({ index, signer, autoIdCalls }) =>
        autoIdCalls
          .filter(({ status }) => status === 'applied')
          .map((call) => ({
            kind: kinds[call.eventName ?? ''],
            eventIndex: call.eventIndex,
            extrinsicIndex: index,
            callPath: call.path.join('.'),
            wrappers: call.wrappers,
            signer,
            block: { height: block.number },
            autoId: { id: call.id },
          })),
      ),
    )
    const inOrder = (a: Placed, b: Placed) =>
      a.block.height - b.block.height || Number(a.eventIndex) - Number(b.eventIndex)
    expect(events.nodes).toEqual([...wanted].sort(inOrder))
    expect(events.totalCount).toBe(wanted.length)
  })

  test('every call that changed nothing, with the error the chain recorded', async () => {
    const { failedCalls } = await api.ask<{ failedCalls: { nodes: FailedNode[] } }>(`{
      failedCalls(first: 2000) {
        nodes { call status error extrinsicIndex callPath signer block { height } }
      }
    }`)
    const wanted = canonical.flatMap((block) =>
      block.extrinsics.flatMap(({ index, signer, autoIdCalls }) =>
        autoIdCalls
          .filter(({ status }) => status !== 'applied')
          .map((call) => ({
            call: calls[call.call],
            status: statuses[call.status],
            extrinsicIndex: index,
            callPath: call.path.join('.'),
            signer,
            block: { height: block.number },
            error: call.status === 'failed' ? errorText(call.error) : null,
          })),
      ),
    )
    // A call that never ran may say why; the chain recorded errors of calls that ran.
    const shownCalls = failedCalls.nodes.map(({ error, ...call }) => ({
      ...call,
      error: call.status === 'FAILED' ? error : null,
    }))
    expect(sortedText(shownCalls)).toEqual(sortedText(wanted))
  })
})

type Placed = { block: { height: number }; eventIndex: number | null }
type EventNode = Placed & { kind: string }
type FailedNode = { status: string; error: string | null }

const kinds: Record<string, string> = {
  NewAutoIdRegistered: 'REGISTERED',
  AutoIdRenewed: 'RENEWED',
  CertificateRevoked: 'REVOKED',
  AutoIdDeactivated: 'DEACTIVATED',
}
const calls: Record<string, string> = {
  register_auto_id: 'REGISTER',
  renew_auto_id: 'RENEW',
  revoke_certificate: 'REVOKE',
  deactivate_auto_id: 'DEACTIVATE',
}
const statuses: Record<string, string> = {
  failed: 'FAILED',
  reverted: 'REVERTED',
  notExecuted: 'NOT_EXECUTED',
}

function registeredIn(block: (typeof canonical)[number]): string[] {
  return block.extrinsics.flatMap(({ autoIdCalls }) =>
    autoIdCalls.flatMap(({ eventName, id }) =>
      eventName === 'NewAutoIdRegistered' && id !== null ? [id] : [],
    ),
  )
}

function expectedNodes({ autoIds, lists }: RegistryState, clockMs: number) {
  return byId(
    Object.entries(autoIds).map(([id, entry]) => {
      const isRevoked = lists[entry.issuerId ?? id]?.includes(entry.serial) === true
      return {
        id,
        issuerId: entry.issuerId,
        kind: entry.issuerId === null ? 'ROOT' : 'LEAF',
        status: isRevoked ? 'REVOKED' : validity(entry, clockMs),
        serial: entry.serial,
        nonce: entry.nonce,
        commonNameHex: entry.subjectCommonName,
        notBefore: entry.notBefore,
        notAfter: entry.notAfter,
        spki: entry.subjectPublicKeyInfo,
      }
    }),
  )
}

function validity({ notBefore, notAfter }: ExpectedEntry, clockMs: number): string {
  if (clockMs < Number(notBefore)) return 'NOT_YET_VALID'
  return clockMs > Number(notAfter) ? 'EXPIRED' : 'ACTIVE'
}

function shown({ certificate, ...node }: Node) {
  expect(certificate.serial).toBe(node.serial)
  return {
    ...node,
    serial: BigInt(node.serial).toString(),
    notBefore: String(Date.parse(certificate.notBefore)),
    notAfter: String(Date.parse(certificate.notAfter)),
    spki: `0x${Buffer.from(certificate.publicKey.spki, 'base64').toString('hex')}`,
  }
}

function byId<T extends { id: string }>(nodes: readonly T[]): T[] {
  return [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function errorText(error: ExpectedError | null): string | null {
  return error?.kind === 'Module' ? `${error.pallet}.${error.name}` : (error?.kind ?? null)
}

function sortedText(values: readonly object[]): string[] {
  return values
    .map((value) => JSON.stringify(value, [...Object.keys(value), 'height'].sort()))
    .sort()
}
