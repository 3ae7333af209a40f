/**
 * Evidence bundle: one self-contained file about an identity, checkable offline and without this service: the state
 * proof of its chain at a block, and for every certificate of that chain the signed call that brought it, proved to
 * stand in its block, whose events are proved complete. What stays outside is only whether the named blocks are on
 * the chain: the caller compares their hashes with a node it trusts.
 */

import { equalBytes, fromHex, type Hex } from '../bytes'
import { assembleCertificate } from '../pki/certificate'
import { verifySignature } from '../pki/signature'
import type { StoredEntry } from '../registry/types'
import { type BlockProof, verifyBlockProof } from './block-proof'
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
  /** Every check holds. It does not say that the identity is good: `hops` says what was proved of it. */
  readonly ok: boolean
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
  hops.forEach((hop, position) => {
    const evidence = bundle.certificates.find((c) => c.autoId === hop.autoId)
    const issuer = hops[position + 1]
    checks.push(...checkHop(hop, issuer, evidence, certificates))
  })
  return {
    ok: checks.every((check) => check.ok),
    blockHash: bundle.state.blockHash,
    blockHeight: bundle.state.header.number,
    hops,
    checks,
    certificates,
  }
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
    ...inclusionChecks(evidence, check),
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
  const outcome = verifySignature({
    spki: signer.subjectPublicKeyInfo,
    signatureAlgorithm: fromHex(evidence.signatureAlgorithm),
    data: fromHex(evidence.tbs),
    signature: fromHex(evidence.signature),
  })
  return check('signature', outcome.ok, outcome.ok ? 'signed by the issuer' : outcome.message)
}

/** The call's bytes contain the certificate and its signature, in a block whose events are complete. */
function inclusionChecks(evidence: CertificateEvidence, check: Check): BundleCheck[] {
  const { block, extrinsic } = evidence
  const events = verifyBlockProof(block)
  const included = checkExtrinsicProof(block.header, extrinsic)
  const carries =
    extrinsic.extrinsic.includes(evidence.tbs.slice(2)) &&
    extrinsic.extrinsic.includes(evidence.signature.slice(2))
  const emitted = events.ok && events.vectors.some((v) => v.includes(evidence.autoId.slice(2)))
  return [
    check(
      'call-in-block',
      included.ok,
      included.ok
        ? `extrinsic ${extrinsic.index} of block ${block.header.number}`
        : included.message,
    ),
    check('call-carries-certificate', carries, 'the extrinsic holds this TBS and this signature'),
    check('events-complete', events.ok, events.ok ? `${events.eventCount} events` : events.message),
    check('event-emitted', emitted, 'an event of that block names the identifier'),
  ]
}
