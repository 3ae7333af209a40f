/** What the pallet itself recorded after each block of the dev chain, and the same read from an index by SQL. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { blake2b } from '@noble/hashes/blake2b'
import type { ClientBase } from 'pg'
import { toHex } from '../../src/bytes'

export type ExpectedError = {
  readonly kind: string
  readonly pallet?: string
  readonly name?: string
}

export type ExpectedCall = {
  readonly path: readonly number[]
  readonly wrappers: readonly string[]
  readonly call: string
  readonly targetId: string | null
  readonly status: 'applied' | 'failed' | 'reverted' | 'notExecuted'
  readonly error: ExpectedError | null
  readonly eventIndex: number | null
  readonly eventName: string | null
  readonly id: string | null
}

export type ExpectedEntry = {
  readonly issuerId: string | null
  readonly serial: string
  readonly subjectCommonName: string
  readonly subjectPublicKeyInfo: string
  readonly notBefore: string
  readonly notAfter: string
  readonly nonce: string
  readonly issuedSerials: readonly string[]
  readonly rawLength: number
  readonly rawBlake2: string
}

export type ExpectedBlock = {
  readonly number: number
  readonly hash: string
  readonly branch: string
  readonly note: string
  readonly timestamp: number | null
  readonly specVersion: number
  readonly eventCount: number
  readonly extrinsics: readonly {
    readonly index: number
    readonly signer: string | null
    readonly autoIdCalls: readonly ExpectedCall[]
  }[]
  readonly autoIds: {
    readonly set: Readonly<Record<string, ExpectedEntry>>
    readonly removed: readonly string[]
  }
  readonly crl: {
    readonly set: Readonly<Record<string, readonly string[]>>
    readonly removed: readonly string[]
  }
}

export type RegistryState = {
  readonly autoIds: Readonly<Record<string, ExpectedEntry>>
  readonly lists: Readonly<Record<string, readonly string[]>>
}

/** In order of arrival: an orphaned branch stands before the one that replaced it. */
export function readExpected(file = 'test/fixtures/dev/expected.jsonl.gz'): ExpectedBlock[] {
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ExpectedBlock)
}

/** The whole state after each block, by hash. A branch starts from the canonical block below it. */
export function statesByHash(blocks: readonly ExpectedBlock[]): Map<string, RegistryState> {
  const states = new Map<string, RegistryState>()
  const tips = new Map<string, { number: number; state: RegistryState }>()
  const canonical = new Map<number, RegistryState>()
  for (const block of blocks) {
    const tip = tips.get(block.branch)
    const continues = tip !== undefined && tip.number === block.number - 1
    const before = continues ? tip.state : canonical.get(block.number - 1)
    const state = advance(before ?? { autoIds: {}, lists: {} }, block)
    states.set(block.hash, state)
    tips.set(block.branch, { number: block.number, state })
    if (block.branch === 'canonical') canonical.set(block.number, state)
  }
  return states
}

function advance(before: RegistryState, { autoIds, crl }: ExpectedBlock): RegistryState {
  return {
    autoIds: without({ ...before.autoIds, ...autoIds.set }, autoIds.removed),
    lists: without({ ...before.lists, ...crl.set }, crl.removed),
  }
}

function without<T>(all: Readonly<Record<string, T>>, removed: readonly string[]) {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !removed.includes(key)))
}

/** The registry's storage as the index has it now, in the oracle's words. */
export async function readRegistryState(client: ClientBase): Promise<RegistryState> {
  const { rows } = await client.query(
    `select v.auto_id, v.issuer_id, v.serial, v.common_name_bytes, v.nonce, v.not_before, v.not_after,
       c.public_key, c.tbs,
       (select array_agg(s.serial) from issued_serial s where s.auto_id = v.auto_id and s.block_to is null) as issued
     from auto_id_version v join certificate c on c.id = v.certificate_id
     where v.block_to is null and v.active`,
  )
  const autoIds = rows.map((row): [string, ExpectedEntry] => [
    row.auto_id,
    {
      issuerId: row.issuer_id,
      serial: decimal(row.serial),
      subjectCommonName: toHex(row.common_name_bytes),
      subjectPublicKeyInfo: toHex(row.public_key),
      notBefore: String(row.not_before.getTime()),
      notAfter: String(row.not_after.getTime()),
      nonce: row.nonce,
      issuedSerials: sorted(row.issued ?? []),
      rawLength: row.tbs.length,
      rawBlake2: toHex(blake2b(row.tbs, { dkLen: 32 })),
    },
  ])
  const lists = await client.query<{ issuer_id: string; serials: string[] }>(
    'select issuer_id, array_agg(serial) as serials from revocation group by issuer_id',
  )
  return {
    autoIds: Object.fromEntries(autoIds),
    lists: Object.fromEntries(lists.rows.map((row) => [row.issuer_id, sorted(row.serials)])),
  }
}

const decimal = (serial: string): string => BigInt(serial).toString()

/** Serials in numeric order, in decimal. */
export function sorted(serials: readonly string[]): string[] {
  return serials
    .map((serial) => BigInt(serial))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .map(String)
}

/** What the AutoId calls of a block came to, in order. */
export type TimelineItem = {
  readonly extrinsicIndex: number
  readonly callPath: string
  readonly wrappers: readonly string[]
  readonly call: string
  readonly status: string
  readonly error: string | null
  readonly autoId: string | null
  readonly eventIndex: number | null
  readonly signer: string | null
}

const calls: Readonly<Record<string, string>> = {
  register_auto_id: 'REGISTER',
  renew_auto_id: 'RENEW',
  revoke_certificate: 'REVOKE',
  deactivate_auto_id: 'DEACTIVATE',
}
const kinds: Readonly<Record<string, string>> = {
  REGISTERED: 'REGISTER',
  RENEWED: 'RENEW',
  REVOKED: 'REVOKE',
  DEACTIVATED: 'DEACTIVATE',
}
const statuses: Readonly<Record<string, string>> = {
  applied: 'APPLIED',
  failed: 'FAILED',
  reverted: 'REVERTED',
  notExecuted: 'NOT_EXECUTED',
}

/** As the pallet recorded it. The identifier of a call that changed nothing is only known where it was an argument. */
export function timelineOf(block: ExpectedBlock): TimelineItem[] {
  return block.extrinsics.flatMap(({ index, signer, autoIdCalls }) =>
    autoIdCalls.map((call) => ({
      extrinsicIndex: index,
      callPath: call.path.join('.'),
      wrappers: call.wrappers,
      call: calls[call.call] ?? call.call,
      status: statuses[call.status] ?? call.status,
      error: call.status === 'failed' ? errorText(call.error) : null,
      autoId: call.status === 'applied' ? call.id : call.targetId,
      eventIndex: call.eventIndex,
      signer,
    })),
  )
}

function errorText(error: ExpectedError | null): string | null {
  if (error === null) return null
  return error.kind === 'Module' ? `${error.pallet}.${error.name}` : error.kind
}

/** The same from the index: events and failed calls together. */
export async function readTimeline(client: ClientBase, height: number): Promise<TimelineItem[]> {
  const { rows: events } = await client.query(
    `select extrinsic_index, call_path, wrappers, kind, auto_id, event_index, signer
     from registry_event where block = $1`,
    [height],
  )
  const { rows: failed } = await client.query(
    `select extrinsic_index, call_path, wrappers, call, status, error, auto_id, signer
     from failed_call where block = $1`,
    [height],
  )
  const items = [
    ...events.map((row) => ({
      ...common(row),
      call: kinds[row.kind] ?? row.kind,
      status: 'APPLIED',
      error: null,
      autoId: row.auto_id,
      eventIndex: row.event_index,
    })),
    ...failed.map((row) => ({
      ...common(row),
      call: row.call,
      status: row.status,
      error: row.error,
      // A registration names no identifier: the index computes it, the oracle does not say.
      autoId: row.call === 'REGISTER' ? null : row.auto_id,
      eventIndex: null,
    })),
  ]
  return items.sort((a, b) => comparePlaces(placeOf(a), placeOf(b)))
}

function common(row: Record<string, unknown>) {
  return {
    extrinsicIndex: row['extrinsic_index'] as number,
    callPath: row['call_path'] as string,
    wrappers: row['wrappers'] as string[],
    signer: row['signer'] as string | null,
  }
}

function placeOf({ extrinsicIndex, callPath }: TimelineItem): number[] {
  return [extrinsicIndex, ...(callPath === '' ? [] : callPath.split('.').map(Number))]
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, i) => part !== b[i])
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1)
}
