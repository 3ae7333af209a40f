/** Evidence made to order: root, intermediate and leaf that conform to RFC 5280, recorded in blocks 10, 20 and 30. */

import { toHex } from '../../src/bytes'
import { spkiSha256 } from '../../src/pki/public-key'
import { hopsAt } from '../../src/verify/chain-history'
import type {
  BlockPoint,
  ChainHistory,
  EventPoint,
  Evidence,
  EvidenceAdvisory,
  EvidenceSubject,
  HistoryCertificate,
  HistoryEvent,
  HistoryRegistration,
  HistoryRevocation,
} from '../../src/verify/evidence'
import { DEFAULT_POLICY, type Policy } from '../../src/verify/policy'
import type { Check, VerdictSpan, VerificationResult } from '../../src/verify/verdict'
import { verifyEvidence } from '../../src/verify/verify-auto-id'
import { AT, basicConstraints, keyUsage, type Made, makeCertificate, spkiOf } from './certificates'

export const idOf = (name: string): string =>
  `0x${Buffer.from(name).toString('hex').padEnd(64, '0')}`
export const timeOf = (height: number): number => AT.getTime() + height * 6_000
export const eventAt = (height: number, index = 0): EventPoint => ({
  eventId: `${String(height).padStart(10, '0')}-${String(index).padStart(6, '0')}`,
  height,
  timeMs: timeOf(height),
})
export const blockAt = (height: number, isFinal = true): BlockPoint => ({
  height,
  hash: toHex(Buffer.alloc(32, height)),
  timeMs: timeOf(height),
  isFinal,
})

const CA = [basicConstraints(true), keyUsage(5, 6)]
export const ROOT = makeCertificate({ subject: 'root', extensions: CA, serial: 1n })
export const MIDDLE = makeCertificate({
  subject: 'middle',
  issuer: ROOT,
  extensions: CA,
  serial: 2n,
})
export const LEAF = makeCertificate({
  subject: 'leaf',
  issuer: MIDDLE,
  extensions: [basicConstraints(false), keyUsage(0)],
  serial: 3n,
})

type Options = Partial<HistoryCertificate> & {
  readonly made: Made
  readonly height: number
  /** The key that signed; the issuer's own by default. */
  readonly signer?: Made
}

/** A recorded certificate of the identity named by its subject. */
export function recordOf(options: Options): HistoryCertificate {
  const { made, height, signer, ...rest } = options
  const spki = spkiOf(made.key)
  const autoId = rest.autoId ?? idOf(made.subject)
  const issuerId = rest.issuerId ?? null
  const from = eventAt(height)
  return {
    id: from.eventId,
    autoId,
    registrationId: `${autoId}-1`,
    commonName: made.subject,
    issuerId,
    serial: '0x1',
    der: made.der,
    rebuildProblem: null,
    hasSignature: true,
    notBeforeMs: Date.UTC(2026, 0, 1),
    notAfterMs: Date.UTC(2027, 0, 1),
    spki,
    publicKeySha256: spkiSha256(spki),
    publicKeyAlgorithm: 'Ed25519',
    publicKeyBits: 256,
    signatureAlgorithmName: 'Ed25519',
    signatureOutcome: 'GOOD',
    parseProblem: null,
    signerRegistrationId: issuerId === null ? null : `${issuerId}-1`,
    signerKeySha256: issuerId === null ? null : spkiSha256(spkiOf((signer ?? made).key)),
    from,
    to: null,
    ...rest,
  }
}

export function registrationOf(
  certificate: HistoryCertificate,
  rest: Partial<HistoryRegistration> = {},
): HistoryRegistration {
  return {
    id: certificate.registrationId,
    autoId: certificate.autoId,
    ordinal: 1,
    publicKeySha256: certificate.publicKeySha256,
    continuity: 'FIRST',
    continuityProof: '',
    from: certificate.from,
    to: null,
    ...rest,
  }
}

export function revocationOf(
  certificate: HistoryCertificate,
  height: number,
  reason: 'REVOKED' | 'SUPERSEDED' = 'REVOKED',
): HistoryRevocation {
  return {
    issuerId: certificate.issuerId ?? certificate.autoId,
    serial: certificate.serial,
    reason,
    event: eventAt(height, 9),
    height,
    timeMs: timeOf(height),
  }
}

export function laterOf(
  certificate: HistoryCertificate,
  kind: HistoryEvent['kind'],
  height: number,
  publicKeySha256 = certificate.publicKeySha256,
): HistoryEvent {
  return { ...eventAt(height, 7), autoId: certificate.autoId, kind, publicKeySha256 }
}

export const root = recordOf({ made: ROOT, height: 10, serial: '0x1' })
export const middle = recordOf({
  made: MIDDLE,
  height: 20,
  serial: '0x2',
  issuerId: root.autoId,
  signer: ROOT,
})
export const leaf = recordOf({
  made: LEAF,
  height: 30,
  serial: '0x3',
  issuerId: middle.autoId,
  signer: MIDDLE,
})

export function historyOf(change: Partial<ChainHistory> = {}): ChainHistory {
  const certificates = [...(change.certificates ?? [root, middle, leaf])].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )
  const firsts = new Map<string, HistoryCertificate>()
  for (const certificate of certificates) {
    if (!firsts.has(certificate.registrationId)) firsts.set(certificate.registrationId, certificate)
  }
  return {
    certificates,
    registrations: [...firsts.values()].map((certificate) => registrationOf(certificate)),
    revocations: [],
    events: [],
    isCutLater: false,
    areRenewalsCut: false,
    completeFrom: 0,
    ...change,
    ...(change.certificates === undefined ? {} : { certificates }),
  }
}

/** Root, middle and leaf, but for those named. */
export const without = (...gone: string[]): HistoryCertificate[] =>
  [root, middle, leaf].filter(({ autoId }) => !gone.includes(autoId))

/** One of the three as it would be with something else in it. */
export const changed = (change: Partial<HistoryCertificate>, which = leaf): ChainHistory =>
  historyOf({ certificates: [...without(which.autoId), { ...which, ...change }] })

export type Asked = {
  readonly history?: ChainHistory
  readonly subject?: EvidenceSubject
  readonly height?: number
  readonly clockMs?: number
  readonly known?: number
  readonly isFinal?: boolean
  readonly advisories?: readonly EvidenceAdvisory[]
  readonly isCutAdvisories?: boolean
  readonly sharedKeyWith?: readonly string[]
  readonly isTruncated?: boolean
}

/** Asked at block 100 unless told otherwise. */
export function evidenceOf(asked: Asked = {}): Evidence {
  const history = asked.history ?? historyOf()
  const subject = asked.subject ?? { autoId: leaf.autoId }
  const height = asked.height ?? 100
  const known = asked.known ?? height
  const hops = hopsAt(history, subject, height, known)
  const last = hops.at(-1)
  return {
    state: blockAt(height, asked.isFinal ?? true),
    clockMs: asked.clockMs ?? timeOf(height),
    knownAt: blockAt(known),
    hops,
    isComplete: last !== undefined && last.issuerId === null,
    isTruncated: asked.isTruncated ?? false,
    isCutLater: history.isCutLater,
    areRenewalsCut: history.areRenewalsCut,
    advisories: asked.advisories ?? [],
    isCutAdvisories: asked.isCutAdvisories ?? false,
    sharedKeyWith: asked.sharedKeyWith ?? [],
    past: { subject, history },
  }
}

export function verdictOn(
  asked: Asked = {},
  policy: Partial<Policy> = {},
  extra: readonly Check[] = [],
): VerificationResult {
  return verifyEvidence(evidenceOf(asked), { ...DEFAULT_POLICY, ...policy }, extra)
}

/** The verdict with its span spread beside it. */
export function spanOn(...asked: Parameters<typeof verdictOn>): VerificationResult & VerdictSpan {
  const result = verdictOn(...asked)
  return { ...result, ...result.span() }
}
