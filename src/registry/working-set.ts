/** Which rows a batch of blocks will look at, so that the store can load them set-wise, in a few statements. */
import { type Hex, toHex } from '../bytes'
import { decodePalletCertificate, identifierOfCall } from './pallet-certificate'
import { callsOf } from './rolled-back'
import type { BlockRecord, RegistryCall } from './types'

/**
 * Load order: identities of `autoIds`; then `missingIssuers` of what was found, again and again until there are none; then
 * the pairs of `issuedPairs`; revocations of all ids among `serials` and those of all loaded entries; events of `autoIds`
 * with `signature = ANY(signatures)`.
 */
export type NeededKeys = {
  readonly autoIds: Set<Hex>
  /** Of certificates in the calls, and of entries in a state that was read. */
  readonly serials: Set<bigint>
  /**
   * Who may have issued which of them. Pairs, and not every identifier with every serial: an issuer's list grows with all it
   * has ever issued, and would be gone through for each batch.
   */
  readonly issued: Map<Hex, Set<bigint>>
  /** Ids of events without a call: what such a one issues may be the serial of the entry that is known. */
  readonly held: Set<Hex>
  /** Of certificates and actions in the calls. */
  readonly signatures: Set<Hex>
  /**
   * Ids whose children and listed serials are counted, which is work without a bound: those an applied call acts on. A
   * call that failed gets no advisories, and anybody may name anybody in one.
   */
  readonly counted: Set<Hex>
}

/** Stands for the serial of a certificate that came and went within a block, and that no call shows. */
export const UNSEEN_SERIAL = 0n

/** A chain of issuers is followed this far up for advisories; the registry sets no limit of its own. */
export const MAX_ANCESTORS = 32

/**
 * Children and listed serials are told up to this many: whoever registers 100,000 children must not have each of them
 * counted at every act of their issuer.
 */
export const MAX_TOLD = 1_000

/**
 * How far children must be counted before a batch, so that what is told does not depend on where the batch began: each id
 * of the batch can leave its issuer, and no other can.
 */
export function countLimit({ autoIds }: NeededKeys): number {
  return MAX_TOLD + 1 + autoIds.size
}

export function neededKeys(blocks: readonly BlockRecord[]): NeededKeys {
  const keys = noKeys()
  for (const block of blocks) {
    for (const node of block.nodes) {
      const calls = node.type === 'CALL' ? [node.call] : callsOf(node.root)
      for (const { call } of calls) addCall(keys, call)
      if (node.type !== 'CALL' || node.call.outcome.status !== 'APPLIED') continue
      if (node.call.call.kind !== 'RENEW') addCounted(keys, node.call.outcome.autoId)
    }
    for (const { autoId } of block.unexplained) {
      addCounted(keys, autoId)
      keys.held.add(autoId)
      keys.serials.add(UNSEEN_SERIAL)
      addPair(keys.issued, autoId, UNSEEN_SERIAL)
    }
    addStateRead(keys, block)
  }
  return keys
}

/** What one call looks at, as a block with nothing else in it would. */
export function neededByCall(call: RegistryCall): NeededKeys {
  const keys = noKeys()
  addCall(keys, call)
  return keys
}

/** Nothing to look at, for who names it by hand. */
export function noKeys(): NeededKeys {
  return {
    autoIds: new Set(),
    serials: new Set(),
    issued: new Map(),
    held: new Set(),
    signatures: new Set(),
    counted: new Set(),
  }
}

/** Pairs of `issued`, and what the entries of `held` may be told to have issued, or to have been issued as. */
export function issuedPairs(
  keys: Pick<NeededKeys, 'issued' | 'held'>,
  identities: Iterable<{
    readonly autoId: Hex
    readonly issuerId: Hex | null
    readonly serial: bigint
  }>,
): ReadonlyMap<Hex, ReadonlySet<bigint>> {
  const pairs = new Map([...keys.issued].map(([autoId, serials]) => [autoId, new Set(serials)]))
  for (const { autoId, issuerId, serial } of identities) {
    if (!keys.held.has(autoId)) continue
    addPair(pairs, autoId, serial)
    if (issuerId !== null) addPair(pairs, issuerId, serial)
  }
  return pairs
}

/** Issuers named by loaded entries that are not among the ids asked for so far. */
export function missingIssuers(
  asked: ReadonlySet<Hex>,
  entries: Iterable<{ readonly issuerId: Hex | null }>,
): Set<Hex> {
  const missing = new Set<Hex>()
  for (const { issuerId } of entries) {
    if (issuerId !== null && !asked.has(issuerId)) missing.add(issuerId)
  }
  return missing
}

function addCall(keys: NeededKeys, call: RegistryCall): void {
  if (call.kind !== 'REGISTER') keys.autoIds.add(call.autoId)
  keys.signatures.add(toHex(call.signature))
  if (call.kind === 'REVOKE' || call.kind === 'DEACTIVATE') return
  if (call.issuerId !== null) keys.autoIds.add(call.issuerId)
  const decoded = decodePalletCertificate(call.certificate)
  if (!decoded.ok) return
  const { serial, subjectCommonName } = decoded.certificate
  keys.serials.add(serial)
  if (call.issuerId !== null) addPair(keys.issued, call.issuerId, serial)
  // A renewal's identifier is compared with its argument; the one it would have matters to nobody else.
  const own = identifierOfCall(call)
  if (own !== null) {
    keys.autoIds.add(own)
    addPair(keys.issued, own, serial)
  }
  addEmbedded(keys, call.issuerId, subjectCommonName)
}

function addEmbedded(keys: NeededKeys, issuerId: Hex | null, commonName: Uint8Array): void {
  const embedded = embeddedIssuer(issuerId, commonName)
  if (embedded !== null) keys.autoIds.add(embedded)
}

function addCounted(keys: NeededKeys, autoId: Hex): void {
  keys.autoIds.add(autoId)
  keys.counted.add(autoId)
}

function addPair(pairs: Map<Hex, Set<bigint>>, autoId: Hex, serial: bigint): void {
  const serials = pairs.get(autoId)
  if (serials === undefined) pairs.set(autoId, new Set([serial]))
  else serials.add(serial)
}

/** A root whose CN begins with 32 bytes that are some issuer's id has the identifier of a leaf of that issuer. */
export function embeddedIssuer(issuerId: Hex | null, commonName: Uint8Array): Hex | null {
  return issuerId === null && commonName.length >= 32 ? toHex(commonName.subarray(0, 32)) : null
}

function addStateRead(keys: NeededKeys, block: BlockRecord): void {
  if (block.stateRead === null) return
  const { entries, removed, revocationLists } = block.stateRead
  for (const entry of entries) {
    keys.autoIds.add(entry.autoId)
    addEmbedded(keys, entry.issuerId, entry.subjectCommonName)
    if (entry.issuerId !== null) {
      keys.autoIds.add(entry.issuerId)
      addPair(keys.issued, entry.issuerId, entry.serial)
    }
    for (const serial of [entry.serial, ...entry.issuedSerials]) {
      keys.serials.add(serial)
      addPair(keys.issued, entry.autoId, serial)
    }
  }
  for (const autoId of removed) addCounted(keys, autoId)
  for (const { issuerId, serials } of revocationLists) {
    keys.autoIds.add(issuerId)
    for (const serial of serials) keys.serials.add(serial)
  }
}
