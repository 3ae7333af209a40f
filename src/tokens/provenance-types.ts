/** What is asked of a proof of provenance, and what is answered. */
import type { Hex } from '../bytes'
import type { AsOf, ReadIdentity } from './identity'
import type { ModelOutcome } from './model'

/** A remark on chain that is the SHA-256 of a proof's bytes. */
export type Anchor = {
  readonly height: number
  readonly timeMs: number
  readonly extrinsicHash: Hex
  readonly sender: Hex
}

export type ProvenanceCode =
  | 'PROOF_MALFORMED'
  | 'PROOF_SIGNATURE'
  | 'CONTENT_MISMATCH'
  | 'CONTENT_NOT_COMPARED'
  /** The proof is over a digest of another kind than the ones that were given. */
  | 'CONTENT_UNDETERMINED'
  | 'SIGNER_UNKNOWN'
  /** Not good at the earliest moment the proof is known to have existed. */
  | 'SIGNER_NOT_GOOD'
  | 'SIGNER_UNDETERMINED'
  | 'SIGNER_UNANCHORED'
  /** Others registered the signer's certificate as well: the worst of those counts that were known by then. */
  | 'SIGNER_AMBIGUOUS'
  /** Nothing but the signer's word says when it was made. */
  | 'TIME_ONLY_CLAIMED'
  /** It claims an earlier time than the one that is proven, and only then the signer was good. */
  | 'TIME_BACKDATED'
  /** It claims a time after the one it is proven to have existed at, or after now. */
  | 'TIME_CLAIM_IMPOSSIBLE'
  /** Proven to have existed after the last block the index has: who the signer was then is not known yet. */
  | 'TIME_PAST_INDEX'
  | 'TIMESTAMP_NOT_USABLE'
  /** A usable token: whether its authority was revoked nobody here asked. */
  | 'TIMESTAMP_REVOCATION_NOT_CHECKED'
  /** The signer's certificate names this model, another one, none, or cannot be read. */
  | 'MODEL_ATTESTED'
  | 'MODEL_MISMATCH'
  | 'MODEL_ONLY_CLAIMED'
  | 'MODEL_UNDETERMINED'
  | 'REVOKED_SINCE'

export type Remark = { readonly code: ProvenanceCode; readonly message: string }

export type ProvenanceResult = {
  readonly verdict: 'VALID' | 'INVALID' | 'INDETERMINATE'
  /** What decided a verdict that is not VALID. */
  readonly failures: readonly Remark[]
  /** What a reader should know besides. */
  readonly findings: readonly Remark[]
  readonly signer: Hex | null
  /** SHA-256 of the content, hex without prefix, as the proof says; null when it says none. */
  readonly sha256: string | null
  /** Null when no digest was given to compare with. */
  readonly contentMatches: boolean | null
  readonly model: string | null
  /** The model against the signer's certificate; null when there is no signer to ask. */
  readonly modelOutcome: ModelOutcome | null
  readonly tool: string | null
  readonly claimedAtMs: number | null
  readonly time: {
    readonly evidence: 'ANCHOR' | 'TIMESTAMP' | 'NONE'
    /** When the proof existed at the latest; null without evidence. */
    readonly provenAtMs: number | null
    readonly anchor: Anchor | null
  }
  readonly trustAnchor: Hex | null
  readonly asOf: AsOf | null
}

export type ProvenanceQuestion = {
  /** A compact JWS, or a CMS SignedData as Base64 or PEM. */
  readonly proof: string
  /** SHA-256 of the content, 64 hex digits; null: not compared. */
  readonly sha256: string | null
  /** SHA-512 of the content, 128 hex digits: what CMS by Ed25519 is over (RFC 8419 §3.1). */
  readonly sha512?: string | null
  /** The clock, milliseconds since the epoch: no proof is from after it. */
  readonly clockMs: number
  /** DER RFC 3161 tokens over the proof's bytes. */
  readonly timestamps: readonly Uint8Array[]
  /** DER certificates of time-stamping authorities' roots that count. */
  readonly timestampAnchors: readonly Uint8Array[]
  readonly trustAnchors: readonly Hex[] | null
}

export type ProvenanceSources = {
  readonly readIdentity: ReadIdentity
  /** Every anchor of these proof bytes, earliest first. */
  readonly findAnchors: (proofSha256: Hex) => Promise<readonly Anchor[]>
  /** Whose a certificate is, by SHA-256 of its DER; nobody's: the registry never saw it. */
  readonly findSigners: (fingerprint: Hex) => Promise<readonly Hex[]>
}
