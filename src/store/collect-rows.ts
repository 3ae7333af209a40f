/** The changes of a batch's blocks, merged into rows to insert and rows to end: what a batch both opens and ends is one insert. */

import type { Hex } from '../bytes'
import { blockItemId } from '../registry/block-builder'
import type { BlockChanges, ClosedRow } from '../registry/block-changes'
import type { BlockRecord } from '../registry/types'
import type { Row } from './rows'

export type BatchRows = {
  /** New rows by table. */
  readonly inserts: ReadonlyMap<string, readonly Row[]>
  /** Ends of rows that earlier batches opened. */
  readonly endedVersions: readonly { readonly autoId: Hex; readonly blockTo: number }[]
  readonly endedSerials: readonly { readonly autoId: Hex; readonly blockTo: number }[]
  readonly endedCertificates: readonly ClosedRow[]
  readonly endedRegistrations: readonly ClosedRow[]
}

/** A row whose end may come within the batch. */
type OpenRow = Row & { blockTo: number | null }
type OwnRow = Row & BlockChanges['certificates' | 'registrations'][number]

/** Feed it every block of the batch in order, and what it changed, then take the rows: the changes' own records, ended in place. */
export class RowCollector {
  private readonly inserts = new Map<string, Row[]>()
  private readonly openVersions = new Map<Hex, OpenRow>()
  private readonly openSerials = new Map<Hex, OpenRow[]>()
  private readonly ownRows = new Map<string, OwnRow>()
  private readonly endedVersions = new Map<Hex, number>()
  private readonly endedSerials = new Map<Hex, number>()
  private readonly endedCertificates: ClosedRow[] = []
  private readonly endedRegistrations: ClosedRow[] = []

  addBlock(block: BlockRecord): void {
    this.insert('block', toBlockRow(block))
  }

  addChanges(changes: BlockChanges): void {
    for (const row of changes.events) this.insert('registry_event', row)
    for (const row of changes.registrations) this.addOwn('registration', row)
    for (const row of changes.certificates) this.addOwn('certificate', row)
    this.close('registration', changes.closedRegistrations, this.endedRegistrations)
    this.close('certificate', changes.closedCertificates, this.endedCertificates)
    this.addVersions(changes)
    this.addSerials(changes)
    for (const row of changes.revocations) this.insert('revocation', row)
    for (const row of changes.failedCalls) this.insert('failed_call', row)
    for (const row of changes.remarks) this.insert('remark', row)
    for (const row of changes.advisories) this.insert('advisory', row)
    for (const row of changes.quarantined) this.insert('quarantined_extrinsic', row)
  }

  take(): BatchRows {
    return {
      inserts: this.inserts,
      endedVersions: [...this.endedVersions].map(([autoId, blockTo]) => ({ autoId, blockTo })),
      endedSerials: [...this.endedSerials].map(([autoId, blockTo]) => ({ autoId, blockTo })),
      endedCertificates: this.endedCertificates,
      endedRegistrations: this.endedRegistrations,
    }
  }

  private insert(table: string, row: Row): void {
    const rows = this.inserts.get(table)
    if (rows === undefined) this.inserts.set(table, [row])
    else rows.push(row)
  }

  private addOwn(table: string, row: OwnRow): void {
    this.ownRows.set(`${table} ${row.id}`, row)
    this.insert(table, row)
  }

  private close(table: string, closed: readonly ClosedRow[], earlier: ClosedRow[]): void {
    for (const end of closed) {
      const own = this.ownRows.get(`${table} ${end.id}`)
      if (own === undefined) earlier.push(end)
      else Object.assign(own, { blockTo: end.blockTo, eventTo: end.eventTo })
    }
  }

  private addVersions({ versions, height }: BlockChanges): void {
    for (const version of versions) {
      const open = this.openVersions.get(version.autoId)
      // Whose first event is of this block has no row of an earlier one to look for.
      const isFirst = version.firstEventId >= blockItemId(height, 0)
      if (open !== undefined) open.blockTo = height
      else if (!isFirst) this.endedVersions.set(version.autoId, height)
      this.openVersions.set(version.autoId, version)
      this.insert('auto_id_version', version)
    }
  }

  private addSerials({ issuedSerials, height }: BlockChanges): void {
    for (const autoId of issuedSerials.cleared) {
      for (const row of this.openSerials.get(autoId) ?? []) row.blockTo = height
      this.openSerials.delete(autoId)
      if (!this.endedSerials.has(autoId)) this.endedSerials.set(autoId, height)
    }
    for (const [index, { autoId, serial }] of issuedSerials.opened.entries()) {
      const id = blockItemId(height, index)
      const row = { id, autoId, serial, blockFrom: height, blockTo: null }
      const rows = this.openSerials.get(autoId)
      if (rows === undefined) this.openSerials.set(autoId, [row])
      else rows.push(row)
      this.insert('issued_serial', row)
    }
  }
}

function toBlockRow(block: BlockRecord): Row {
  return {
    id: block.hash,
    height: block.height,
    parentHash: block.parentHash,
    stateRoot: block.stateRoot,
    extrinsicsRoot: block.extrinsicsRoot,
    // A genesis has no clock: it stands at the epoch, before every moment anybody can ask for.
    timestamp: new Date(block.timestamp ?? 0),
    specVersion: block.specVersion,
    eventCount: block.eventCount,
    extrinsicCount: block.extrinsicCount,
  }
}
