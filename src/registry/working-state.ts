/** The registry's state while blocks are being applied: changes over a base view, undone exactly by a journal. */
import { type Hex, serialToHex } from '../bytes'
import type { AutoIdEntry, RegistryView, StateChange } from './types'

/** A point to roll back to; valid until an earlier one is rolled back to, or `forgetJournal`. */
export type Checkpoint = number

const EMPTY_VIEW: RegistryView = {
  entry: () => undefined,
  isIssued: () => false,
  isRevoked: () => false,
}

/** `null` marks a removed entry: the base view's entry and issued serials no longer count. */
type OverlayEntry = AutoIdEntry | null

export class WorkingState implements RegistryView {
  private readonly entries = new Map<Hex, OverlayEntry>()
  /** Ids whose issued serials of the base view are void, since their entry was removed at least once. */
  private readonly cleared = new Set<Hex>()
  private issued = new Map<Hex, Set<bigint>>()
  private readonly revoked = new Set<string>()
  /** What undoes each change, oldest first. */
  private journal: (() => void)[] = []

  constructor(private readonly base: RegistryView = EMPTY_VIEW) {}

  entry(autoId: Hex): AutoIdEntry | undefined {
    const own = this.entries.get(autoId)
    return own === undefined ? this.base.entry(autoId) : (own ?? undefined)
  }

  isIssued(autoId: Hex, serial: bigint): boolean {
    if (this.issued.get(autoId)?.has(serial) === true) return true
    return !this.cleared.has(autoId) && this.base.isIssued(autoId, serial)
  }

  isRevoked(issuerId: Hex, serial: bigint): boolean {
    return this.revoked.has(listKey(issuerId, serial)) || this.base.isRevoked(issuerId, serial)
  }

  apply(changes: readonly StateChange[]): void {
    for (const change of changes) this.applyOne(change)
  }

  checkpoint(): Checkpoint {
    return this.journal.length
  }

  /** Undoes everything applied since, in reverse order. */
  rollback(to: Checkpoint): void {
    while (this.journal.length > to) this.journal.pop()?.()
  }

  /** Frees the memory that undoing needs; earlier checkpoints are void. */
  forgetJournal(): void {
    this.journal = []
  }

  private applyOne(change: StateChange): void {
    switch (change.type) {
      case 'ENTRY_SET':
        this.setEntry(change.autoId, change.entry)
        break
      case 'ENTRY_REMOVED':
        this.setEntry(change.autoId, null)
        this.clearIssued(change.autoId)
        break
      case 'SERIAL_ISSUED':
        this.addIssued(change.autoId, change.serial)
        break
      case 'SERIAL_REVOKED':
        this.addTo(this.revoked, listKey(change.issuerId, change.serial))
        break
    }
  }

  private setEntry(autoId: Hex, entry: OverlayEntry): void {
    const before = this.entries.get(autoId)
    this.entries.set(autoId, entry)
    this.journal.push(() => {
      if (before === undefined) this.entries.delete(autoId)
      else this.entries.set(autoId, before)
    })
  }

  private clearIssued(autoId: Hex): void {
    const before = this.issued.get(autoId)
    this.issued.delete(autoId)
    this.journal.push(() => {
      if (before !== undefined) this.issued.set(autoId, before)
    })
    this.addTo(this.cleared, autoId)
  }

  private addIssued(autoId: Hex, serial: bigint): void {
    const known = this.issued.get(autoId)
    const serials = known ?? new Set<bigint>()
    if (known === undefined) {
      this.issued.set(autoId, serials)
      this.journal.push(() => this.issued.delete(autoId))
    }
    this.addTo(serials, serial)
  }

  private addTo<T>(set: Set<T>, value: T): void {
    if (set.has(value)) return
    set.add(value)
    this.journal.push(() => set.delete(value))
  }
}

/** One text for an element of a revocation list or of issued serials: `<id>-<serial hex>`. */
export function listKey(id: Hex, serial: bigint): string {
  return `${id}-${serialToHex(serial)}`
}
