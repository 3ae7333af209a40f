/**
 * Evidence bundle: one self-contained file about an identity, checkable offline and without this service: the state
 * proof of its chain at a block, and for every certificate of that chain the signed call that brought it, proved to
 * stand in its block, whose events are proved complete. What stays outside is whether the named blocks, that of the
 * state AND those of the calls, are on the chain: whoever holds a bundle compares {@link BundleReport.restsOn} with a
 * node they trust. A block made up as a whole passes every check here.
 */

import { equalBytes, fromHex, type Hex } from '../bytes'
import { assembleCertificate, innerSignatureAlgorithm } from '../pki/certificate'
import { DerError } from '../pki/der'
import { verifySignature } from '../pki/signature'
import type { StoredEntry } from '../registry/types'
import { type BlockProof, verifyBlockProof } from './block-proof'
import { blocksToCompare, contradiction, type RestingBlock } from './bundle-blocks'
import { type FoundCall, findCalls, holdsEventOf } from './bundle-call'
import { checkExtrinsicProof, type ExtrinsicProof } from './extrinsic-proof'
import { type ProvenHop, type StateProof, verifyStateProof } from './state-proof'

export const BUNDLE_FORMAT = 'auto-registry-evidence'

/** How one certificate came to stand in the registry. */
export type CertificateEvidence = {
  readonly autoId: Hex
  readonly tbs: Hex
  readonly signatureAlgorithm: Hex
  readonly signature: Hex
  /** The block that holds the call, and the call's extrinsic in it. */
  readonly block: BlockProof
  readonly extrinsic: ExtrinsicProof
}

/** The signed call that brought a certificate in force, as the index joined it; null parts: there was no call (genesis state). */
export type CertificateCall = {
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly blockHash: Hex
  readonly extrinsicIndex: number | null
}

export type ReadCertificateCall = (autoId: Hex, height: number) => Promise<CertificateCall | null>

export type EvidenceBundle = {
  readonly format: typeof BUNDLE_FORMAT
  readonly version: 1
  readonly genesisHash: Hex
  readonly autoId: Hex
  readonly state: StateProof
  readonly certificates: readonly CertificateEvidence[]
}

export type BundleCheck = {
  readonly name: string
  readonly autoId: Hex
  readonly ok: boolean
  readonly message: string
}

export type BundleReport = {
  /** Every check holds, provided `restsOn`. It does not say that the identity is good: `hops` says what was proved of it. */
  readonly ok: boolean
  /** What must be on the chain for any of this to mean anything, highest first; the state's block is among them. */
  readonly restsOn: readonly RestingBlock[]
  /** As the bundle says; no header leads back to it, so it is not proved. */
  readonly genesisHash: Hex
  readonly blockHash: Hex
  readonly blockHeight: number
  readonly hops: readonly ProvenHop[]
  readonly checks: readonly BundleCheck[]
  /** PEM-ready DER certificates, leaf first, as far as they could be rebuilt. */
  readonly certificates: readonly Uint8Array[]
}

/** Checks a whole bundle. Never throws on a bundle of the right shape; unreadable parts are failed checks. */
export function verifyBundle(bundle: EvidenceBundle): BundleReport {
  const outcome = verifyStateProof(bundle.state)
  const checks: BundleCheck[] = [
    {
      name: 'state-proof',
      autoId: bundle.autoId,
      ok: outcome.ok && bundle.state.autoId === bundle.autoId,
      message: outcome.ok ? 'entries and revocation lists follow from the header' : outcome.message,
    },
  ]
  const hops = outcome.ok ? outcome.hops : []
  const certificates: Uint8Array[] = []
  const calls: BlockProof[] = []
  hops.forEach((hop, position) => {
    const evidence = bundle.certificates.find((c) => c.autoId === hop.autoId)
    const issuer = hops[position + 1]
    if (hop.entry && evidence) calls.push(evidence.block)
    checks.push(...checkHop(hop, issuer, evidence, certificates))
  })
  checks.push(checkBlocks(bundle, calls), checkNothingElse(bundle, hops))
  return {
    ok: checks.every((check) => check.ok),
    restsOn: blocksToCompare([bundle.state, ...calls]),
    genesisHash: bundle.genesisHash,
    blockHash: bundle.state.blockHash,
    blockHeight: bundle.state.header.number,
    hops,
    checks,
    certificates,
  }
}

function checkBlocks(bundle: EvidenceBundle, calls: readonly BlockProof[]): BundleCheck {
  const problem = contradiction(bundle.state, calls, bundle.genesisHash)
  const message = problem ?? 'no header says that the blocks are of two chains'
  return { name: 'blocks-agree', autoId: bundle.autoId, ok: problem === null, message }
}

/** Each proved entry has found its certificate by then: what is over was looked at by nobody, whatever it says. */
function checkNothingElse(bundle: EvidenceBundle, hops: readonly ProvenHop[]): BundleCheck {
  const proved = hops.filter(({ entry }) => entry !== null).length
  const over = bundle.certificates.length - proved
  const ok = over <= 0
  const message = ok
    ? 'no certificate but those of the proved chain'
    : `${over} stand under no proof`
  return { name: 'nothing-else', autoId: bundle.autoId, ok, message }
}

function checkHop(
  hop: ProvenHop,
  issuer: ProvenHop | undefined,
  evidence: CertificateEvidence | undefined,
  certificates: Uint8Array[],
): BundleCheck[] {
  const check = (name: string, ok: boolean, message: string): BundleCheck => ({
    name,
    autoId: hop.autoId,
    ok,
    message,
  })
  if (!hop.entry) return [check('registered', false, 'proved absent from the registry')]
  if (!evidence) return [check('call', false, 'the bundle holds no call for this certificate')]
  const checks = [
    check(
      'certificate-is-the-stored-one',
      equalBytes(fromHex(evidence.tbs), hop.entry.raw),
      'the TBS of the call is the one the registry stores',
    ),
    signatureCheck(hop.entry, issuer, evidence, check),
    ...inclusionChecks(hop.entry, evidence, check),
  ]
  try {
    certificates.push(assembleCertificate(fromHex(evidence.tbs), fromHex(evidence.signature)))
  } catch (error) {
    checks.push(check('rebuild', false, (error as Error).message))
  }
  return checks
}

type Check = (name: string, ok: boolean, message: string) => BundleCheck

/** A leaf's signature is checked with its issuer's key as proved now: a taken-over issuer fails here. */
function signatureCheck(
  entry: StoredEntry,
  issuer: ProvenHop | undefined,
  evidence: CertificateEvidence,
  check: Check,
): BundleCheck {
  const signer = entry.issuerId === null ? entry : issuer?.entry
  if (!signer)
    return check('signature', false, 'the issuer is proved absent: nothing to check with')
  const input = {
    spki: signer.subjectPublicKeyInfo,
    data: fromHex(evidence.tbs),
    signature: fromHex(evidence.signature),
  }
  const given = fromHex(evidence.signatureAlgorithm)
  const byCall = verifySignature({ ...input, signatureAlgorithm: given })
  // The SDK gives Ed25519 with NULL parameters, which is no algorithm; the certificate itself names it rightly.
  const isUnread = !byCall.ok && byCall.code === 'SIG_UNSUPPORTED_ALGORITHM'
  const inner = isUnread ? innerAlgorithm(input.data) : null
  const outcome = inner === null ? byCall : verifySignature({ ...input, signatureAlgorithm: inner })
  return check('signature', outcome.ok, outcome.ok ? 'signed by the issuer' : outcome.message)
}

function innerAlgorithm(tbs: Uint8Array): Uint8Array | null {
  try {
    return innerSignatureAlgorithm(tbs)
  } catch (error) {
    if (error instanceof DerError) return null
    throw error
  }
}

/** The call with this certificate stands in the block, and the event it leaves among the block's, which are complete. */
function inclusionChecks(
  { autoId, issuerId }: StoredEntry,
  evidence: CertificateEvidence,
  check: Check,
): BundleCheck[] {
  const { block, extrinsic } = evidence
  const events = verifyBlockProof(block)
  const included = checkExtrinsicProof(block.header, extrinsic)
  const calls = callsIn(evidence, autoId, issuerId)
  const vectors = events.ok ? events.vectors.map(fromHex) : []
  const emitted = holdsEventOf(vectors, extrinsic.index, calls, autoId)
  return [
    check(
      'call-in-block',
      included.ok,
      included.ok
        ? `extrinsic ${extrinsic.index} of block ${block.header.number}`
        : included.message,
    ),
    check(
      'call-carries-certificate',
      calls.length > 0,
      'the extrinsic registers or renews with this TBS, algorithm and signature',
    ),
    check('events-complete', events.ok, events.ok ? `${events.eventCount} events` : events.message),
    check('event-emitted', emitted, 'the event of that call and identifier is of that extrinsic'),
  ]
}

/** None when a part of it is too long for any extrinsic. */
function callsIn(evidence: CertificateEvidence, autoId: Hex, issuerId: Hex | null): FoundCall[] {
  const { tbs, signatureAlgorithm, signature, extrinsic } = evidence
  const content = { autoId, issuerId, tbs, signatureAlgorithm, signature }
  try {
    return findCalls(fromHex(extrinsic.extrinsic), content)
  } catch {
    return []
  }
}
