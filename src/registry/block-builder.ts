/** Collects what a block changes, and coalesces what happens to one thing several times within it. */
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { ADVISORIES, type Advisory, type AdvisoryFacts } from './advisory'
import type {
  AdvisoryRecord,
  BlockChanges,
  CertificateRecord,
  ClosedRow,
  EventRecord,
  FailedCallRecord,
  QuarantineRecord,
  RegistrationRecord,
  RemarkRecord,
  RevocationRecord,
  VersionRecord,
} from './block-changes'
import type { IndexSession } from './index-session'
import type { LoadedIdentity, LoadedRevocation } from './loaded-context'
import { storableText } from './storable-text'
import type { BlockRecord, StateChange } from './types'
import { listKey } from './working-state'

/** Room for a name or a message; the certificate itself is stored whole. */
const MAX_FACT_LENGTH = 1024

export class BlockBuilder {
  readonly events: EventRecord[] = []
  readonly failedCalls: FailedCallRecord[] = []
  readonly revocations: RevocationRecord[] = []
  readonly remarks: RemarkRecord[] = []
  readonly quarantined: QuarantineRecord[] = []
  private readonly certificates = new Map<string, CertificateRecord>()
  private readonly registrations = new Map<string, RegistrationRecord>()
  private readonly closedCertificates: ClosedRow[] = []
  private readonly closedRegistrations: ClosedRow[] = []
  private readonly advisories = new Map<string, AdvisoryRecord>()
  private readonly touched = new Set<Hex>()
  private readonly clearedSerials = new Set<Hex>()
  private readonly openedSerials = new Map<string, { autoId: Hex; serial: bigint }>()

  constructor(
    readonly session: IndexSession,
    readonly block: BlockRecord,
  ) {}

  /** `<height, 10 digits>-<event index, 6 digits>`: text order is chain order. */
  eventId(eventIndex: number): string {
    return blockItemId(this.block.height, eventIndex)
  }

  addCertificate(certificate: CertificateRecord): void {
    this.certificates.set(certificate.id, certificate)
  }

  addRegistration(registration: RegistrationRecord): void {
    this.registrations.set(registration.id, registration)
  }

  closeCertificate(id: string, eventTo: string): void {
    this.close(this.certificates.get(id), this.closedCertificates, id, eventTo)
  }

  closeRegistration(id: string, eventTo: string): void {
    this.close(this.registrations.get(id), this.closedRegistrations, id, eventTo)
  }

  /** Each enters its list once, also what stands for the serials of several certificates that nobody saw. */
  addRevocation(element: LoadedRevocation, certificateId: string | null): void {
    const { issuerId, serial } = element
    if (this.session.state.isRevoked(issuerId, serial)) return
    const id = listKey(issuerId, serial)
    this.revocations.push({ ...element, id, block: this.block.height, certificateId })
    this.session.recordRevocation(element)
  }

  addAdvisory(advisory: Advisory, eventId: string, certificateId: string | null): void {
    const { code, autoId } = advisory
    const facts = storableFacts(advisory.facts)
    const base = `${eventId}-${code}`
    let id = base
    for (let count = 2; this.advisories.has(id); count++) id = `${base}-${count}`
    const { severity } = ADVISORIES[code]
    const block = this.block.height
    this.advisories.set(id, { id, block, eventId, autoId, certificateId, code, severity, facts })
  }

  /** The index and the chain disagree: the block is refused whole. */
  refusal(autoId: Hex, reason: string): AppError {
    const { height } = this.block
    return new AppError(
      'INCONSISTENT_NODE',
      `block ${height} does not follow from the indexed state: ${reason}`,
      { height, autoId },
    )
  }

  /** Applies changes to the session and remembers what rows follow from them. */
  apply(changes: readonly StateChange[]): void {
    const { state } = this.session
    for (const change of changes) {
      if (change.type === 'SERIAL_ISSUED') {
        const { autoId, serial } = change
        if (!state.isIssued(autoId, serial)) {
          this.openedSerials.set(listKey(autoId, serial), { autoId, serial })
        }
      } else if (change.type === 'ENTRY_REMOVED') {
        this.clearSerials(change.autoId)
      }
      if (change.type === 'ENTRY_SET' || change.type === 'ENTRY_REMOVED') {
        this.touched.add(change.autoId)
      }
      this.session.apply([change])
    }
  }

  finish(): BlockChanges {
    return {
      height: this.block.height,
      hash: this.block.hash,
      events: this.events,
      certificates: [...this.certificates.values()],
      closedCertificates: this.closedCertificates,
      registrations: [...this.registrations.values()],
      closedRegistrations: this.closedRegistrations,
      versions: this.versions(),
      issuedSerials: {
        cleared: [...this.clearedSerials],
        opened: [...this.openedSerials.values()],
      },
      revocations: this.revocations,
      failedCalls: this.failedCalls,
      remarks: this.remarks,
      quarantined: this.quarantined,
      advisories: [...this.advisories.values()],
    }
  }

  private close(
    own: { blockTo: number | null; eventTo: string | null } | undefined,
    earlier: ClosedRow[],
    id: string,
    eventTo: string,
  ): void {
    const blockTo = this.block.height
    if (own === undefined) earlier.push({ id, blockTo, eventTo })
    else Object.assign(own, { blockTo, eventTo })
  }

  /** Rows of earlier blocks end; those this block would have opened never were. */
  private clearSerials(autoId: Hex): void {
    this.clearedSerials.add(autoId)
    for (const [key, element] of this.openedSerials) {
      if (element.autoId === autoId) this.openedSerials.delete(key)
    }
  }

  private versions(): VersionRecord[] {
    const versions: VersionRecord[] = []
    for (const autoId of this.touched) {
      const identity = this.session.identity(autoId)
      const id = blockItemId(this.block.height, versions.length)
      if (identity !== undefined) versions.push(versionOf(identity, this.block.height, id))
    }
    return versions
  }
}

/** Facts may quote names and messages made from a stranger's bytes. */
function storableFacts(facts: AdvisoryFacts): AdvisoryFacts {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [
      key,
      typeof value === 'string' ? storableText(value, MAX_FACT_LENGTH) : value,
    ]),
  )
}

/** `<height, 10 digits>-<number, 6 digits>` */
export function blockItemId(height: number, number: number): string {
  return `${String(height).padStart(10, '0')}-${String(number).padStart(6, '0')}`
}

function versionOf(identity: LoadedIdentity, height: number, id: string): VersionRecord {
  const { autoId, entry, active, commonName, firstEventId, registration, certificate } = identity
  return {
    id,
    autoId,
    blockFrom: height,
    blockTo: null,
    active,
    kind: entry.issuerId === null ? 'ROOT' : 'LEAF',
    issuerId: entry.issuerId,
    commonNameBytes: entry.subjectCommonName,
    commonName,
    serial: entry.serial,
    nonce: entry.nonce,
    publicKeySha256: identity.publicKeySha256,
    notBefore: entry.notBefore,
    notAfter: entry.notAfter,
    registrationId: registration.id,
    certificateId: certificate.id,
    firstEventId,
  }
}
