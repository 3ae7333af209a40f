/** The index's knowledge while a batch of blocks is applied: what was loaded, and what the batch has changed since. */
import { type Hex, toHex } from '../bytes'
import type { RevocationReason } from './block-changes'
import {
  type LoadedContext,
  type LoadedIdentity,
  type LoadedRevocation,
  signatureKey,
  viewOf,
} from './loaded-context'
import type { AutoIdEntry, StateChange } from './types'
import { MAX_ANCESTORS } from './working-set'
import { listKey, WorkingState } from './working-state'

/** An Auto ID above another one; `entry` is undefined when it holds none any more. */
export type Ancestor = {
  readonly autoId: Hex
  readonly entry: AutoIdEntry | undefined
  readonly identity: LoadedIdentity | undefined
}

/** One batch. After a failure it is of no use: load again. */
export class IndexSession {
  readonly state: WorkingState
  private readonly known: ReadonlySet<Hex>
  private readonly identities: Map<Hex, LoadedIdentity>
  private readonly revocations: Map<string, LoadedRevocation>
  /** Event that first used a signature for an identifier. */
  private readonly signatures: Map<string, string>

  constructor(loaded: LoadedContext) {
    this.state = new WorkingState(viewOf(loaded))
    this.known = loaded.autoIds
    this.identities = new Map(loaded.identities.map((identity) => [identity.autoId, identity]))
    this.revocations = new Map(
      loaded.revocations.map((element) => [listKey(element.issuerId, element.serial), element]),
    )
    this.signatures = new Map()
    for (const { autoId, signature, eventId } of loaded.signatures) {
      const key = signatureKey(autoId, signature)
      const known = this.signatures.get(key)
      // Event ids are ordered as text; the first use is the one that counts.
      if (known === undefined || eventId < known) this.signatures.set(key, eventId)
    }
  }

  identity(autoId: Hex): LoadedIdentity | undefined {
    return this.identities.get(autoId)
  }

  setIdentity(identity: LoadedIdentity): void {
    this.identities.set(identity.autoId, identity)
  }

  /** Why a serial stands in a list; undefined when it does not. */
  revocationReason(issuerId: Hex, serial: bigint): RevocationReason | undefined {
    return this.revocations.get(listKey(issuerId, serial))?.reason
  }

  recordRevocation(element: LoadedRevocation): void {
    const key = listKey(element.issuerId, element.serial)
    if (this.revocations.has(key)) return
    this.revocations.set(key, element)
    this.update(element.issuerId, ({ listedSerials }) => ({ listedSerials: listedSerials + 1 }))
  }

  /** The event that used this signature for this identifier before. */
  earlierUse(autoId: Hex, signature: Uint8Array): string | undefined {
    return this.signatures.get(signatureKey(autoId, toHex(signature)))
  }

  recordUse(autoId: Hex, signature: Uint8Array, eventId: string): void {
    const key = signatureKey(autoId, toHex(signature))
    if (!this.signatures.has(key)) this.signatures.set(key, eventId)
  }

  /** Applies changes to the state and to the counts that hang on it. */
  apply(changes: readonly StateChange[]): void {
    for (const change of changes) {
      if (change.type === 'ENTRY_SET') {
        this.moveChild(this.state.entry(change.autoId), change.entry)
        this.state.apply([change])
        this.update(change.autoId, () => ({ active: true, entry: change.entry }))
      } else if (change.type === 'ENTRY_REMOVED') {
        this.moveChild(this.state.entry(change.autoId), undefined)
        this.state.apply([change])
        this.update(change.autoId, () => ({ active: false }))
      } else {
        this.state.apply([change])
      }
    }
  }

  /**
   * The issuer and those above it, nearest first, up to a root, a missing entry, a repetition, or what was loaded.
   */
  ancestors(issuerId: Hex): readonly Ancestor[] {
    const found: Ancestor[] = []
    const seen = new Set<Hex>()
    let next: Hex | null = issuerId
    while (next !== null && found.length < MAX_ANCESTORS && this.isKnown(next) && !seen.has(next)) {
      seen.add(next)
      const entry = this.state.entry(next)
      found.push({ autoId: next, entry, identity: this.identity(next) })
      next = entry?.issuerId ?? null
    }
    return found
  }

  /** Was it loaded? Far up a deep chain of issuers it was not, and then nothing can be said of it. */
  isKnown(autoId: Hex): boolean {
    return this.known.has(autoId)
  }

  private moveChild(before: AutoIdEntry | undefined, after: AutoIdEntry | undefined): void {
    const from = before?.issuerId ?? null
    const to = after?.issuerId ?? null
    if (from === to) return
    if (from !== null) this.addChildren(from, -1)
    if (to !== null) this.addChildren(to, 1)
  }

  private addChildren(issuerId: Hex, count: number): void {
    this.update(issuerId, ({ activeChildren }) => ({ activeChildren: activeChildren + count }))
  }

  private update(autoId: Hex, change: (known: LoadedIdentity) => Partial<LoadedIdentity>): void {
    const known = this.identities.get(autoId)
    if (known !== undefined) this.identities.set(autoId, { ...known, ...change(known) })
  }
}
