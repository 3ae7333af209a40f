import { describe, expect, test } from 'vitest'
import type { BlockChanges, VersionRecord } from '../../../src/registry/block-changes'
import { RowCollector } from '../../../src/store/collect-rows'

const AUTO_ID = `0x${'a1'.repeat(32)}` as const

/** Rows of a batch of one block that gives the identifier a version; its first event is of block `first`. */
function endsAt(height: number, first: number) {
  const eventId = `${String(first).padStart(10, '0')}-000002`
  const version = { autoId: AUTO_ID, blockFrom: height, firstEventId: eventId, serial: 1n }
  const changes = {
    height,
    hash: '0x00',
    versions: [version as VersionRecord],
    events: [],
    registrations: [],
    certificates: [],
    closedRegistrations: [],
    closedCertificates: [],
    issuedSerials: { cleared: [], opened: [] },
    revocations: [],
    failedCalls: [],
    remarks: [],
    advisories: [],
    quarantined: [],
  } satisfies BlockChanges
  const collector = new RowCollector()
  collector.addChanges(changes)
  return collector.take().endedVersions
}

describe('a new version of an identifier', () => {
  test('ends the row that an earlier block opened', () => {
    expect(endsAt(70, 69)).toEqual([{ autoId: AUTO_ID, blockTo: 70 }])
  })

  test('looks for no such row when its first event is of this very block', () => {
    expect(endsAt(70, 70)).toEqual([])
  })
})
