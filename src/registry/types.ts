/**
 * The words the core is written in: calls of `pallet-auto-id` as the chain carried them, the registry's
 * state as the pallet keeps it, and what a block changed. Plain data, no behaviour.
 */

import type { Hex } from '../bytes'

export type RegistryCallKind = 'REGISTER' | 'RENEW' | 'REVOKE' | 'DEACTIVATE'
export type EventKind = 'REGISTERED' | 'RENEWED' | 'REVOKED' | 'DEACTIVATED'

/** Arguments of `register_auto_id` / `renew_auto_id`; `certificate` is the DER TBSCertificate, exactly as submitted. */
export type CertificateRequest = {
  /** 32-byte identifier, or null for a root (self-signed). */
  readonly issuerId: Hex | null
  readonly certificate: Uint8Array
  /** DER AlgorithmIdentifier, as submitted: may differ from the one inside the TBS. */
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
}

export type SignedAction = {
  readonly autoId: Hex
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
}

export type RegistryCall =
  | ({ readonly kind: 'REGISTER' } & CertificateRequest)
  | ({ readonly kind: 'RENEW'; readonly autoId: Hex } & CertificateRequest)
  | ({ readonly kind: 'REVOKE' } & SignedAction)
  | ({ readonly kind: 'DEACTIVATE' } & SignedAction)

/**
 * What became of a call.
 * `derived`: told by re-executing a rolled-back subtree on the registry's own state machine, not by an event.
 */
export type CallOutcome =
  | { readonly status: 'APPLIED'; readonly eventIndex: number; readonly autoId: Hex }
  /** It ran and returned `error` (`Pallet.Name`, `BadOrigin`, …). */
  | { readonly status: 'FAILED'; readonly error: string; readonly derived: boolean }
  /** It succeeded, but a call around it failed, so it had no effect and no event. */
  | { readonly status: 'REVERTED'; readonly derived: boolean }
  /**
   * It never ran: batch interrupted before it, unused fallback, filtered, or failed before dispatch.
   * `error` is `PreDispatch` on an extrinsic's own call that was refused before dispatch, absent otherwise.
   */
  | { readonly status: 'NOT_EXECUTED'; readonly derived: boolean; readonly error?: string }

/** One AutoId call of an extrinsic, at any nesting depth. */
export type ObservedCall = {
  readonly call: RegistryCall
  readonly outcome: CallOutcome
  readonly extrinsicIndex: number
  readonly extrinsicHash: Hex
  /** Indexes from the extrinsic's call down, joined with `.`; empty for the extrinsic's own call. */
  readonly callPath: string
  /** Names of the calls around it, outermost first, e.g. `Utility.batch`. */
  readonly wrappers: readonly string[]
  /** Account id of the payer (32 bytes), null for bare extrinsics. Not the identity. */
  readonly signer: Hex | null
  /** `TransactionPayment.TransactionFeePaid.actual_fee` of the extrinsic in shannons; null when none was paid. */
  readonly fee: bigint | null
}

/**
 * A subtree that was rolled back as a whole: its calls' outcomes cannot be read from events. `resolve` re-executes it
 * on the given state at that point and returns the outcomes of its calls, in pre-order.
 */
export type ExecutionNode =
  /** A leaf: one AutoId call, whose outcome the walker knows or the state machine must tell. */
  | { readonly type: 'CALL'; readonly call: ObservedCall }
  /** A rolled-back subtree; `error` is what the chain recorded for it. */
  | { readonly type: 'ROLLED_BACK'; readonly error: string; readonly root: RolledBackNode }

/** What a call of another pallet may return: `ANY` where not even the origin it takes is known. */
export type OtherResult = 'SUCCESS' | 'BAD_ORIGIN' | 'ANY_BUT_BAD_ORIGIN' | 'ANY'

/** The nesting inside a rolled-back subtree, reduced to what decides the order and the extent of execution. */
export type RolledBackNode =
  | { readonly type: 'CALL'; readonly call: ObservedCall; readonly originIsSigned: boolean }
  /** A call of another pallet. */
  | { readonly type: 'OTHER'; readonly result: OtherResult }
  /** batch (stops at the first error, keeps what was done, itself succeeds), batch_all (rolls back), force_batch (goes on). */
  | {
      readonly type: 'SEQUENCE'
      readonly mode: 'BATCH' | 'BATCH_ALL' | 'FORCE_BATCH'
      readonly items: readonly RolledBackNode[]
    }
  /** if_else: `fallback` runs when `main` fails (main rolled back). */
  | { readonly type: 'IF_ELSE'; readonly main: RolledBackNode; readonly fallback: RolledBackNode }
  /** dispatch_as, sudo: swallow the inner error and succeed; as_derivative, with_weight, dispatch_as_fallible: pass it on. */
  | { readonly type: 'WRAPPER'; readonly swallowsError: boolean; readonly inner: RolledBackNode }
  /** A call that must fail with `error` before its inner calls run (filtered, bad origin). */
  | { readonly type: 'BLOCKED'; readonly error: string; readonly inner: readonly RolledBackNode[] }
  /** What it does with the calls inside it is not known. */
  | { readonly type: 'UNKNOWN_WRAPPER'; readonly inner: readonly RolledBackNode[] }

/** `System.Remarked` with the remark's bytes from its call: an anchor of content in time. */
export type ObservedRemark = {
  readonly eventIndex: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: Hex
  readonly callPath: string
  readonly sender: Hex
  /** The remark as submitted, at most 256 bytes kept (longer: null; its hash still identifies it). */
  readonly remark: Uint8Array | null
  /** blake2-256 of the remark, from the event. */
  readonly remarkHash: Hex
}

/** An AutoId event that no decoded call explains; its effect is read from the chain's own state after the block. */
export type UnexplainedEvent = {
  readonly eventIndex: number
  readonly extrinsicIndex: number | null
  readonly extrinsicHash: Hex | null
  readonly kind: EventKind
  readonly autoId: Hex
}

/** Input that could not be decoded: kept, listed, never silently dropped. */
export type Quarantined = {
  readonly extrinsicIndex: number
  readonly extrinsicHash: Hex
  readonly reason: string
  readonly length: number
}

/** An entry as `AutoId.AutoIds` stores it. */
export type StoredEntry = {
  readonly autoId: Hex
  readonly issuerId: Hex | null
  readonly serial: bigint
  readonly subjectCommonName: Uint8Array
  readonly subjectPublicKeyInfo: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
  /** TBSCertificate as stored (`raw`). */
  readonly raw: Uint8Array
  readonly issuedSerials: readonly bigint[]
  readonly nonce: bigint
}

/** State read from the node, for genesis and for events no call explains. */
export type StateRead = {
  readonly entries: readonly StoredEntry[]
  readonly removed: readonly Hex[]
  readonly revocationLists: readonly {
    readonly issuerId: Hex
    readonly serials: readonly bigint[]
  }[]
}

/** One block, decoded: what the chain edge hands to the core. */
export type BlockRecord = {
  readonly height: number
  readonly hash: Hex
  readonly parentHash: Hex
  readonly stateRoot: Hex
  readonly extrinsicsRoot: Hex
  /** Milliseconds since the epoch; for a genesis without Timestamp.set: null. */
  readonly timestamp: number | null
  /** Spec version of the runtime that EXECUTED the block. */
  readonly specVersion: number
  readonly eventCount: number
  readonly extrinsicCount: number
  /** AutoId calls in execution order, rolled-back subtrees in place. */
  readonly nodes: readonly ExecutionNode[]
  readonly remarks: readonly ObservedRemark[]
  readonly unexplained: readonly UnexplainedEvent[]
  readonly quarantined: readonly Quarantined[]
  /** Genesis state, or the state of the ids named by `unexplained`; null otherwise. */
  readonly stateRead: StateRead | null
}

// ---- the registry's state, as the state machine sees it

/** An `AutoIds` entry without its unbounded parts. Times in milliseconds since the epoch. */
export type AutoIdEntry = {
  readonly issuerId: Hex | null
  readonly serial: bigint
  readonly subjectCommonName: Uint8Array
  readonly subjectPublicKeyInfo: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
  readonly nonce: bigint
}

/** Read access to the registry at one point of execution. Synchronous: the caller has loaded what the block needs. */
export type RegistryView = {
  entry(autoId: Hex): AutoIdEntry | undefined
  /** Is `serial` in `issued_serials` of that entry? */
  isIssued(autoId: Hex, serial: bigint): boolean
  /** Does `serial` stand in `CertificateRevocationList[issuerId]`? */
  isRevoked(issuerId: Hex, serial: bigint): boolean
}

export type StateChange =
  | { readonly type: 'ENTRY_SET'; readonly autoId: Hex; readonly entry: AutoIdEntry }
  /** The entry goes, its issued_serials with it. */
  | { readonly type: 'ENTRY_REMOVED'; readonly autoId: Hex }
  | { readonly type: 'SERIAL_ISSUED'; readonly autoId: Hex; readonly serial: bigint }
  | {
      readonly type: 'SERIAL_REVOKED'
      readonly issuerId: Hex
      readonly serial: bigint
      readonly reason: 'REVOKED' | 'SUPERSEDED'
    }

/** `AutoId.<name>` as failed calls carry it. */
export type RegistryError =
  | 'UnknownIssuer'
  | 'UnknownAutoId'
  | 'InvalidCertificate'
  | 'InvalidSignature'
  | 'CertificateSerialAlreadyIssued'
  | 'ExpiredCertificate'
  | 'CertificateRevoked'
  | 'CertificateAlreadyRevoked'
  | 'NonceOverflow'
  | 'AutoIdIdentifierAlreadyExists'
  | 'AutoIdIdentifierMismatch'
  | 'PublicKeyMismatch'

export type ExecutionResult =
  | { readonly ok: true; readonly autoId: Hex; readonly changes: readonly StateChange[] }
  | { readonly ok: false; readonly error: RegistryError }
