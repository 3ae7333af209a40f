/** Rows of the index, as the API is given them. */

export type BlockRow = {
  readonly height: number
  readonly hash: string
  readonly timestamp: Date
  readonly isFinal: boolean
  readonly parentHash: string
  readonly stateRoot: string
  readonly extrinsicsRoot: string
  readonly specVersion: number
  readonly eventCount: number
  readonly extrinsicCount: number
}

export type HeadRow = {
  readonly block: BlockRow
  readonly finalizedHeight: number
  readonly finalizedHash: string
  readonly nodeHeight: number | null
  readonly nodeHash: string | null
  readonly confirmedAt: Date | null
  readonly error: string | null
  readonly errorAt: Date | null
  readonly reorgCount: number
  readonly deepestReorg: number
  /** Of the chain that the index holds. */
  readonly genesisHash: string
}

export type ChainRow = {
  readonly genesisHash: string
  readonly specName: string
  readonly ss58Prefix: number
  readonly tokenSymbol: string
  readonly tokenDecimals: number
}

export type AuditRow = {
  readonly block: number
  readonly finishedAt: Date
  readonly checked: number
  readonly differences: readonly unknown[]
  readonly complete: boolean
}

export type AuditFailureRow = {
  readonly block: number
  readonly at: Date
  readonly message: string
}

export type CountsRow = Readonly<
  Record<
    | 'autoIds'
    | 'registered'
    | 'registrations'
    | 'certificates'
    | 'revocations'
    | 'events'
    | 'failedCalls'
    | 'findings'
    | 'remarks'
    | 'quarantined',
    number
  >
>

/** An identifier's state after a block. */
export type IdentityRow = {
  readonly autoId: string
  readonly blockFrom: number
  readonly active: boolean
  readonly kind: 'ROOT' | 'LEAF'
  readonly issuerId: string | null
  readonly commonName: string
  readonly commonNameBytes: Uint8Array
  readonly serial: string
  readonly nonce: string
  readonly publicKeySha256: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly registrationId: string
  readonly certificateId: string
  readonly firstEventId: string
  /** Its serial stands in the list of its issuer (a root: its own) at that block. */
  readonly isRevoked: boolean
}

export type RegistrationRow = {
  readonly id: string
  readonly autoId: string
  readonly ordinal: number
  readonly blockFrom: number
  readonly eventFrom: string
  readonly blockTo: number | null
  readonly eventTo: string | null
  readonly publicKey: Uint8Array
  readonly publicKeySha256: string
  readonly publicKeyAlgorithm: string
  readonly publicKeyBits: number | null
  readonly continuity: 'FIRST' | 'SAME_KEY' | 'ISSUER_ATTESTED' | 'UNPROVEN'
  readonly continuityProof: string
}

export type ExtensionValue = {
  readonly oid: string
  readonly name: string | null
  readonly critical: boolean
  readonly value: string | null
  readonly hex: string
}

export type CertificateRow = {
  readonly id: string
  readonly autoId: string
  readonly registrationId: string
  readonly issuerId: string | null
  readonly issuerCertificateId: string | null
  readonly serial: string
  readonly tbs: Uint8Array
  readonly der: Uint8Array | null
  readonly rebuildProblem: string | null
  readonly fingerprint: string | null
  readonly tbsFingerprint: string
  readonly subject: string
  readonly issuerName: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: Uint8Array
  readonly publicKeySha256: string
  readonly publicKeyAlgorithm: string
  readonly publicKeyBits: number | null
  readonly signatureAlgorithmName: string
  readonly signatureOutcome: 'GOOD' | 'BAD' | 'UNSUPPORTED' | 'UNAVAILABLE'
  readonly extensions: readonly ExtensionValue[] | null
  readonly parseProblem: string | null
  readonly sanAutoId: string | null
  readonly blockFrom: number
  readonly blockTo: number | null
  readonly eventTo: string | null
}

export type EventRow = {
  readonly id: string
  readonly kind: 'REGISTERED' | 'RENEWED' | 'REVOKED' | 'DEACTIVATED'
  readonly source: 'CALL' | 'STATE' | 'GENESIS'
  readonly block: number
  readonly eventIndex: number
  readonly extrinsicIndex: number | null
  readonly extrinsicHash: string | null
  readonly callPath: string
  readonly wrappers: readonly string[]
  readonly signer: string | null
  readonly fee: string | null
  readonly autoId: string
  readonly registrationId: string
  readonly certificateId: string
  readonly issuerId: string | null
  readonly serial: string
  readonly signedPayload: Uint8Array | null
  readonly signatureAlgorithm: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly nonce: string | null
}

export type FailedCallRow = {
  readonly id: string
  readonly call: 'REGISTER' | 'RENEW' | 'REVOKE' | 'DEACTIVATE'
  readonly status: 'FAILED' | 'REVERTED' | 'NOT_EXECUTED'
  readonly error: string | null
  readonly derived: boolean
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: string
  readonly callPath: string
  readonly wrappers: readonly string[]
  readonly signer: string | null
  readonly fee: string | null
  readonly autoId: string | null
  readonly issuerId: string | null
  readonly serial: string | null
  readonly tbs: Uint8Array | null
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
}

export type RevocationRow = {
  readonly issuerId: string
  readonly serial: string
  readonly block: number
  readonly reason: 'REVOKED' | 'SUPERSEDED'
  readonly eventId: string | null
  readonly certificateId: string | null
}

export type AdvisoryRow = {
  readonly id: string
  readonly block: number
  readonly eventId: string
  readonly autoId: string
  readonly certificateId: string | null
  readonly code: string
  readonly severity: 'INFO' | 'WARNING' | 'CRITICAL'
  readonly facts: object
}

export type RemarkRow = {
  readonly id: string
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: string
  readonly callPath: string
  readonly sender: string
  readonly remarkHash: string
  readonly remark: string | null
}

export type QuarantinedRow = {
  readonly id: string
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: string
  readonly reason: string
  readonly length: number
}
