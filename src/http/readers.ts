/** What the handlers ask of the index. A root hands the functions in; the shapes are the contract. */
import type { Hex } from '../bytes'

/** A block and its time, milliseconds since the epoch. */
export type BlockPoint = { readonly height: number; readonly timeMs: number }

export type HeadState = {
  readonly height: number
  readonly hash: Hex
  /** The head block's own timestamp. */
  readonly timeMs: number
  /** When the node last confirmed that our head is on its chain; null when it never did. */
  readonly confirmedAtMs: number | null
  readonly finalizedHeight: number
  /** Of the chain that the index holds. */
  readonly genesisHash: Hex
  /** Indexes for readers that are made once the index has caught up: until then answers are right, but slow. */
  readonly missingIndexes: number
}

/** A moment of the registry: a height, or a time (the last block not later). Null means now. */
export type Moment = { readonly block: number } | { readonly timeMs: number } | null

/** One certificate the registry recorded, with everything that decides its revocation status now. */
export type IssuedCertificate = {
  readonly id: string
  readonly autoId: Hex
  readonly tbsFingerprint: Hex
  readonly tbs: Uint8Array
  /** DER SubjectPublicKeyInfo of the issuer when it issued; null when unknown. */
  readonly issuerSpki: Uint8Array | null
  readonly registeredAt: BlockPoint
  /** When it stopped being the one in force; null while it is. */
  readonly endedAt: BlockPoint | null
  /** When its registration was deactivated. */
  readonly deactivatedAt: BlockPoint | null
  readonly revocation: { readonly reason: 'REVOKED' | 'SUPERSEDED'; readonly at: BlockPoint } | null
  /** Has the issuer that signed it left the registry (deactivated, its id maybe taken by another key)? */
  readonly isIssuerGone: boolean
}

/** From one snapshot: what was found, and the head it was found at. */
export type IssuedAt = {
  readonly headHash: Hex
  readonly certificates: readonly IssuedCertificate[]
}

/** One identity of a path, as of a block. */
export type PathLink = {
  readonly autoId: Hex
  readonly issuerId: Hex | null
  readonly commonName: string
  readonly isActive: boolean
  readonly registrationId: string
  readonly serial: Hex
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly deactivatedAt: BlockPoint | null
  readonly revocation: { readonly reason: 'REVOKED' | 'SUPERSEDED'; readonly at: BlockPoint } | null
  /** Registration of the issuer that signed the certificate in force; null for a root or when unknown. */
  readonly issuerRegistrationId: string | null
  readonly certificate: {
    readonly id: string
    /** DER Certificate; null when none can be rebuilt. */
    readonly der: Uint8Array | null
    readonly rebuildProblem: string | null
    /** SHA-256 of `der`, 0x hex. */
    readonly fingerprint: Hex | null
    readonly spki: Uint8Array
    readonly sanAutoId: string | null
    readonly signatureOutcome: 'GOOD' | 'BAD' | 'UNSUPPORTED' | 'UNAVAILABLE'
  }
}

/** An identity and its issuers up to the root, the identity first. */
export type RegistryPath = {
  readonly links: readonly PathLink[]
  /** Does the last link have no issuer? False when it has one that is not there, or beyond the depth limit. */
  readonly isComplete: boolean
  readonly asOf: BlockPoint & { readonly hash: Hex; readonly isFinal: boolean }
  /** Is the asked moment this block for good? A time is only when the next block is final, too: another may come before it. */
  readonly isSettled: boolean
}

export type CrlRow = {
  readonly serial: Hex
  readonly at: BlockPoint
  readonly reason: 'REVOKED' | 'SUPERSEDED' | 'CEASED'
  /** Issuer name inside the certificate, as text: rows of one issuer mostly share it. */
  readonly issuerName: string | null
  readonly certificateId: string | null
}

/** One consistent view of an issuer's list. */
export type CrlSource = {
  /** DER subject Name of the issuer's newest certificate; null when that does not parse. */
  readonly issuerSubject: Uint8Array | null
  /** Changes whenever a row does. */
  readonly version: string
  rows(): AsyncIterable<readonly CrlRow[]>
  /** DER issuer Name inside a certificate. */
  issuerNameOf(certificateId: string): Promise<Uint8Array | null>
}

export type StatusListPage = {
  /** For each index of the page, in chain order of certificates: is it still to be trusted? */
  readonly invalid: readonly boolean[]
  /** Head of the index in the very statement that read them; null for an empty page. */
  readonly headHash: Hex | null
}

export type Readers = {
  /** Null before the first block. */
  readHead(): Promise<HeadState | null>
  /** Every certificate with one of these serials (unsigned, 0x hex). @throws {AppError} UNAVAILABLE over its limit. */
  findIssued(serials: readonly Hex[]): Promise<IssuedAt>
  /** Null for an id that was never registered by then. @throws {AppError} POINT_IN_TIME_OUT_OF_RANGE. */
  readPath(autoId: Hex, at: Moment): Promise<RegistryPath | null>
  /** Opens an issuer's list, null for an id that never was; the view ends when `use` settles. */
  withCrl<T>(issuerId: Hex, use: (source: CrlSource) => Promise<T>): Promise<T | null>
  /** Changes whenever a row of the list does; null for an id that never was. */
  readCrlVersion(issuerId: Hex): Promise<string | null>
  /** Index of a certificate among all, in chain order. */
  readStatusIndex(certificateId: string): Promise<number>
  readStatusListPage(first: number, count: number): Promise<StatusListPage>
}
