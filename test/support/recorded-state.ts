/** The registry as the pallet's own storage was recorded, and whom its rules call good: no code of the index in it. */

import { readGzippedLines } from './recorded'

export type RecordedEntry = {
  issuerId: string | null
  serial: string
  rawBlake2: string
  subjectPublicKeyInfo: string
  notBefore: string
  notAfter: string
}
export type RecordedStateChange = {
  number: number
  hash: string
  branch: string
  timestamp: number
  autoIds: { set: Record<string, RecordedEntry>; removed: string[] }
  crl: { set: Record<string, string[]>; removed: string[] }
}

/** In order, genesis first. */
export function canonicalStates(): RecordedStateChange[] {
  const blocks = readGzippedLines<RecordedStateChange>('test/fixtures/dev/expected.jsonl.gz')
  return blocks.filter(({ branch }) => branch === 'canonical')
}

/** The recorded storage as it changes, and of every certificate the key that its issuer had when it came. */
export class RecordedState {
  readonly entries = new Map<string, RecordedEntry>()
  readonly seen = new Set<string>()
  private readonly lists = new Map<string, Set<string>>()
  private readonly signers = new Map<string, string | null>()

  apply(block: RecordedStateChange): void {
    const before = new Map(this.entries)
    for (const [id, entry] of Object.entries(block.autoIds.set)) {
      this.entries.set(id, entry)
      this.seen.add(id)
    }
    for (const id of block.autoIds.removed) this.entries.delete(id)
    for (const [id, serials] of Object.entries(block.crl.set)) this.lists.set(id, new Set(serials))
    for (const [id, entry] of Object.entries(block.autoIds.set)) {
      if (before.get(id)?.rawBlake2 === entry.rawBlake2) continue
      const issuer = entry.issuerId ?? id
      const [then, now] = [before.get(issuer), this.entries.get(issuer)]
      const isOneKey = then === undefined || then.subjectPublicKeyInfo === now?.subjectPublicKeyInfo
      // Two keys in one block: storage alone does not tell which one signed.
      this.signers.set(id, isOneKey ? (now?.subjectPublicKeyInfo ?? null) : null)
    }
  }

  /** Entry, validity and list of each hop up to a root, each signed by its issuer's key; null when storage cannot tell. */
  isGood(autoId: string, nowMs: number): boolean | null {
    let isCertain = true
    for (let id: string | null = autoId; id !== null; ) {
      const entry: RecordedEntry | undefined = this.entries.get(id)
      if (!entry) return false
      if (nowMs < Number(entry.notBefore) || nowMs > Number(entry.notAfter)) return false
      if (this.lists.get(entry.issuerId ?? id)?.has(entry.serial)) return false
      const signer = this.signers.get(id) ?? null
      const issuer = this.entries.get(entry.issuerId ?? id)
      if (signer === null) isCertain = false
      else if (issuer && signer !== issuer.subjectPublicKeyInfo) return false
      id = entry.issuerId
    }
    return isCertain ? true : null
  }
}
