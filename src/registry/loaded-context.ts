/** What the store must have loaded before a batch of blocks is applied, and how it is asked for. */
import { type Hex, serialToHex } from '../bytes'
import { AppError } from '../errors'
import type { RevocationReason } from './block-changes'
import type { IssuerCertificate } from './issuer-certificate'
import type { AutoIdEntry, RegistryView } from './types'
import { listKey } from './working-state'

/** An identifier that was registered at least once. */
export type LoadedIdentity = {
  readonly autoId: Hex
  /** Does the registry hold an entry? */
  readonly active: boolean
  /** The entry; of a deactivated identifier, the last one it had (from its latest version row). */
  readonly entry: AutoIdEntry
  readonly commonName: string
  /** Of the entry's key. */
  readonly publicKeySha256: Hex
  readonly firstEventId: string
  /** The latest registration. */
  readonly registration: {
    readonly id: string
    readonly ordinal: number
    readonly publicKey: Uint8Array
    /** Highest ordinal whose continuity is UNPROVEN; 0 when there is none. */
    readonly lastUnprovenOrdinal: number
  }
  /** The latest certificate: in force, or the last one before the deactivation. */
  readonly certificate: {
    readonly id: string
    readonly asIssuer: IssuerCertificate
    readonly issuerCertificateId: string | null
    /** Of `issuerCertificateId`: ordinal of its registration, and its key's SHA-256; null for roots and when unknown. */
    readonly issuerRegistrationOrdinal: number | null
    readonly issuerPublicKeySha256: Hex | null
  }
  /** Identifiers with an entry that names this one as issuer; counted up to `countLimit`. */
  readonly activeChildren: number
  /** Size of its revocation list; counted up to `countLimit`. */
  readonly listedSerials: number
}

export type LoadedRevocation = {
  readonly issuerId: Hex
  readonly serial: bigint
  readonly reason: RevocationReason
  readonly eventId: string | null
}

/** An applied call's signature, to recognise a replay. */
export type LoadedSignature = {
  readonly autoId: Hex
  readonly signature: Hex
  readonly eventId: string
}

export type LoadedContext = {
  /** Every id that was asked for, whether it was ever registered or not: another one may not be looked at. */
  readonly autoIds: ReadonlySet<Hex>
  /** Pairs asked for: of another one nothing is known. */
  readonly issued: ReadonlyMap<Hex, ReadonlySet<bigint>>
  readonly identities: readonly LoadedIdentity[]
  /** Those of them that are members of `issued_serials` of entries. */
  readonly issuedSerials: readonly { readonly autoId: Hex; readonly serial: bigint }[]
  /** Members of revocation lists of ids asked for, at least those with a serial asked for. */
  readonly revocations: readonly LoadedRevocation[]
  /** Earliest event of each (identifier asked for by name, signature) pair asked for. */
  readonly signatures: readonly LoadedSignature[]
}

export const EMPTY_CONTEXT: LoadedContext = {
  autoIds: new Set(),
  issued: new Map(),
  identities: [],
  issuedSerials: [],
  revocations: [],
  signatures: [],
}

/** The registry as loaded. @throws {AppError} INCONSISTENT_NODE when something is looked at that nobody asked for. */
export function viewOf(loaded: LoadedContext): RegistryView {
  const entries = new Map(
    loaded.identities.filter(({ active }) => active).map(({ autoId, entry }) => [autoId, entry]),
  )
  const issued = new Set(loaded.issuedSerials.map(({ autoId, serial }) => listKey(autoId, serial)))
  const revoked = new Set(
    loaded.revocations.map(({ issuerId, serial }) => listKey(issuerId, serial)),
  )
  const known = (autoId: Hex, isKnown = loaded.autoIds.has(autoId)) => {
    if (isKnown) return autoId
    throw new AppError(
      'INCONSISTENT_NODE',
      `the state of ${autoId} was not loaded before its block was applied`,
      { autoId },
    )
  }
  const isAsked = (autoId: Hex, serial: bigint) => loaded.issued.get(autoId)?.has(serial) === true
  return {
    entry: (autoId) => entries.get(known(autoId)),
    isIssued: (autoId, serial) =>
      issued.has(listKey(known(autoId, isAsked(autoId, serial)), serial)),
    isRevoked: (issuerId, serial) => revoked.has(listKey(known(issuerId), serial)),
  }
}

/** Key of a signature used for an identifier. */
export function signatureKey(autoId: Hex, signature: Hex): string {
  return `${autoId}-${signature}`
}

/** Serials as the store asks for them. */
export function serialTexts(serials: Iterable<bigint>): Hex[] {
  return [...serials].map(serialToHex)
}
