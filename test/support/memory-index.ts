/**
 * The tables of the index in memory: stores `BlockChanges`, loads `LoadedContext`, rolls back by height. What the real
 * store does with SQL, in the plainest form, so that the core's contracts can be tested without a database.
 */
import type { Hex } from '../../src/bytes'
import { toHex } from '../../src/bytes'
import type {
  AdvisoryRecord,
  BlockChanges,
  CertificateRecord,
  EventRecord,
  FailedCallRecord,
  RegistrationRecord,
  RevocationRecord,
  VersionRecord,
} from '../../src/registry/block-changes'
import { indexBlock } from '../../src/registry/index-block'
import { IndexSession } from '../../src/registry/index-session'
import { IssuerCertificate } from '../../src/registry/issuer-certificate'
import type { LoadedContext, LoadedIdentity } from '../../src/registry/loaded-context'
import type { CheckSignature } from '../../src/registry/pallet-signature'
import type { BlockRecord } from '../../src/registry/types'
import {
  issuedPairs,
  MAX_ANCESTORS,
  missingIssuers,
  neededKeys,
} from '../../src/registry/working-set'

type Interval = { blockFrom: number; blockTo: number | null }
type Issued = { autoId: Hex; serial: bigint } & Interval
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export class MemoryIndex {
  versions: VersionRecord[] = []
  issued: Issued[] = []
  certificates: Mutable<CertificateRecord>[] = []
  registrations: Mutable<RegistrationRecord>[] = []
  revocations: RevocationRecord[] = []
  events: EventRecord[] = []
  failedCalls: FailedCallRecord[] = []
  advisories: AdvisoryRecord[] = []

  /** One batch, as the processor runs it. */
  apply(blocks: readonly BlockRecord[], checkSignature?: CheckSignature): BlockChanges[] {
    const session = new IndexSession(this.load(blocks))
    return blocks.map((block) => {
      const changes = indexBlock(session, block, checkSignature)
      this.store(changes)
      return changes
    })
  }

  store(changes: BlockChanges): void {
    const { height } = changes
    for (const version of changes.versions) {
      const open = this.versions.find(
        ({ autoId, blockTo }) => autoId === version.autoId && blockTo === null,
      )
      if (open !== undefined) open.blockTo = height
      this.versions.push({ ...version, blockTo: null })
    }
    for (const autoId of changes.issuedSerials.cleared) {
      for (const row of this.issued) {
        if (row.autoId === autoId && row.blockTo === null) row.blockTo = height
      }
    }
    for (const { autoId, serial } of changes.issuedSerials.opened) {
      this.issued.push({ autoId, serial, blockFrom: height, blockTo: null })
    }
    for (const { id, blockTo, eventTo } of changes.closedCertificates) {
      Object.assign(find(this.certificates, id), { blockTo, eventTo })
    }
    for (const { id, blockTo, eventTo } of changes.closedRegistrations) {
      Object.assign(find(this.registrations, id), { blockTo, eventTo })
    }
    this.certificates.push(...changes.certificates)
    this.registrations.push(...changes.registrations)
    this.revocations.push(...changes.revocations)
    this.events.push(...changes.events)
    this.failedCalls.push(...changes.failedCalls)
    this.advisories.push(...changes.advisories)
  }

  rollback(height: number): void {
    this.versions = reopen(this.versions, height)
    this.issued = reopen(this.issued, height)
    this.certificates = reopen(this.certificates, height)
    this.registrations = reopen(this.registrations, height)
    for (const row of [...this.certificates, ...this.registrations]) {
      if (row.blockTo === null) row.eventTo = null
    }
    const isKept = ({ block }: { block: number }) => block <= height
    this.revocations = this.revocations.filter(isKept)
    this.events = this.events.filter(isKept)
    this.failedCalls = this.failedCalls.filter(isKept)
    this.advisories = this.advisories.filter(isKept)
  }

  load(blocks: readonly BlockRecord[]): LoadedContext {
    const keys = neededKeys(blocks)
    const autoIds = new Set(keys.autoIds)
    for (let round = 0; round < MAX_ANCESTORS; round++) {
      const missing = missingIssuers(autoIds, this.openVersions(autoIds))
      if (missing.size === 0) break
      for (const autoId of missing) autoIds.add(autoId)
    }
    const open = this.openVersions(autoIds)
    const issued = issuedPairs(keys, open)
    const serials = new Set([...keys.serials, ...open.map(({ serial }) => serial)])
    return {
      autoIds,
      issued,
      identities: open.map((version) => this.identity(version)),
      issuedSerials: this.issued.filter(
        ({ autoId, serial, blockTo }) =>
          blockTo === null && issued.get(autoId)?.has(serial) === true,
      ),
      revocations: this.revocations.filter(
        ({ issuerId, serial }) => autoIds.has(issuerId) && serials.has(serial),
      ),
      signatures: this.events.flatMap(({ autoId, signature, id }) => {
        const hex = signature === null ? undefined : toHex(signature)
        return hex !== undefined && autoIds.has(autoId) && keys.signatures.has(hex)
          ? [{ autoId, signature: hex, eventId: id }]
          : []
      }),
    }
  }

  private openVersions(autoIds: ReadonlySet<Hex>): VersionRecord[] {
    return this.versions.filter(({ autoId, blockTo }) => blockTo === null && autoIds.has(autoId))
  }

  private identity(version: VersionRecord): LoadedIdentity {
    const registration = find(this.registrations, version.registrationId)
    const certificate = find(this.certificates, version.certificateId)
    const issuerCertificate = this.certificates.find(
      ({ id }) => id === certificate.issuerCertificateId,
    )
    const issuerRegistration = this.registrations.find(
      ({ id }) => id === issuerCertificate?.registrationId,
    )
    const unproven = this.registrations.filter(
      ({ autoId, continuity }) => autoId === version.autoId && continuity === 'UNPROVEN',
    )
    return {
      autoId: version.autoId,
      active: version.active,
      entry: {
        issuerId: version.issuerId,
        serial: version.serial,
        subjectCommonName: version.commonNameBytes,
        subjectPublicKeyInfo: registration.publicKey,
        notBefore: version.notBefore,
        notAfter: version.notAfter,
        nonce: version.nonce,
      },
      commonName: version.commonName,
      publicKeySha256: version.publicKeySha256,
      firstEventId: version.firstEventId,
      registration: {
        id: registration.id,
        ordinal: registration.ordinal,
        publicKey: registration.publicKey,
        lastUnprovenOrdinal: Math.max(0, ...unproven.map(({ ordinal }) => ordinal)),
      },
      certificate: {
        id: certificate.id,
        asIssuer: new IssuerCertificate(certificate.tbs),
        issuerCertificateId: certificate.issuerCertificateId,
        issuerRegistrationOrdinal: issuerRegistration?.ordinal ?? null,
        issuerPublicKeySha256: issuerCertificate?.publicKeySha256 ?? null,
      },
      activeChildren: this.versions.filter(
        ({ issuerId, active, blockTo }) =>
          issuerId === version.autoId && active && blockTo === null,
      ).length,
      listedSerials: this.revocations.filter(({ issuerId }) => issuerId === version.autoId).length,
    }
  }
}

function find<T extends { id: string }>(rows: T[], id: string): T {
  const row = rows.find((candidate) => candidate.id === id)
  if (row === undefined) throw new Error(`no row ${id}`)
  return row
}

function reopen<T extends Interval>(rows: T[], height: number): T[] {
  return rows
    .filter(({ blockFrom }) => blockFrom <= height)
    .map((row) => (row.blockTo !== null && row.blockTo > height ? { ...row, blockTo: null } : row))
}
