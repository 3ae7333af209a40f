/** Checks about the whole chain: anchors, completeness, finality, and what the policy asks on top. */

import { forgeableBecause } from '../pki/public-key'
import type { Evidence, EvidenceCertificate, Hop, LaterEvent } from './evidence'
import { makeCheck } from './hop-checks'
import { unprovenOwner } from './ownership'
import type { Policy } from './policy'
import type { Check, Finding } from './verdict'

export function checkChain(evidence: Evidence, policy: Policy): Check[] {
  return [
    checkComplete(evidence),
    checkAnchor(evidence, policy),
    ...checkStrength(evidence, policy),
    ...checkLength(evidence, policy),
  ]
}

/** The root the chain leads to. */
export function rootOf(evidence: Evidence): Hop | undefined {
  return evidence.isComplete ? evidence.hops.at(-1) : undefined
}

function checkComplete(evidence: Evidence): Check {
  const last = evidence.hops.at(-1)
  if (evidence.isComplete) {
    return makeCheck('CHAIN_COMPLETE', 'PASSED', last?.autoId ?? null, 'The chain leads to a root.')
  }
  if (evidence.isTruncated) {
    const message = `The chain is longer than the ${evidence.hops.length} hops that are looked at.`
    return makeCheck('CHAIN_COMPLETE', 'SKIPPED', last?.autoId ?? null, message, {
      isUndetermined: true,
    })
  }
  const message = `The issuer ${last?.issuerId ?? ''} was never registered.`
  return makeCheck('CHAIN_COMPLETE', 'FAILED', last?.autoId ?? null, message)
}

function checkAnchor(evidence: Evidence, { trustAnchors, trustAnchorKeys }: Policy): Check {
  const root = rootOf(evidence)
  const autoId = root?.autoId ?? null
  if (trustAnchors === null && trustAnchorKeys === null) {
    const message = root
      ? `No trust anchors were given: trust in ${root.autoId} is the caller's to decide.`
      : 'No trust anchors were given.'
    return makeCheck('TRUST_ANCHOR', 'SKIPPED', autoId, message)
  }
  // Trust in an intermediate would leave out what stands above it: only roots count.
  const isNamed =
    root !== undefined && (trustAnchors === null || trustAnchors.includes(root.autoId))
  if (!isNamed) {
    return makeCheck('TRUST_ANCHOR', 'FAILED', autoId, 'The root is none of the trust anchors.')
  }
  return trustAnchorKeys === null
    ? checkAnchorOwner(evidence, root)
    : checkAnchorKey(root, trustAnchorKeys)
}

function checkAnchorKey(root: Hop, keys: readonly string[]): Check {
  const key = root.certificate.publicKeySha256
  return keys.includes(key)
    ? makeCheck(
        'TRUST_ANCHOR',
        'PASSED',
        root.autoId,
        `${root.autoId} is a trust anchor, by its key.`,
      )
    : makeCheck('TRUST_ANCHOR', 'FAILED', root.autoId, `No trust anchor has the key ${key}.`)
}

/** An identifier can be taken over: without a key, nobody knows which of its owners the policy means. */
function checkAnchorOwner(evidence: Evidence, root: Hop): Check {
  const unproven = unprovenOwner(evidence, root)
  if (unproven === null) {
    return makeCheck('TRUST_ANCHOR', 'PASSED', root.autoId, `${root.autoId} is a trust anchor.`)
  }
  const why =
    unproven === 'UNREAD'
      ? 'was registered more than once, and not all of it was looked at'
      : `was registered with another key in block ${unproven.from.height}, and nothing links the owners`
  const message = `${root.autoId} ${why}: name the key you trust in trustAnchorKeys.`
  return makeCheck('TRUST_ANCHOR', 'SKIPPED', root.autoId, message, {
    isUndetermined: true,
    event: unproven === 'UNREAD' ? null : unproven.from,
  })
}

export function checkFinality(evidence: Evidence, policy: Policy): Check {
  const { state } = evidence
  if (state.isFinal) {
    return makeCheck('FINALITY', 'PASSED', null, `Block ${state.height} is final.`)
  }
  const message = `Block ${state.height} is not final yet.`
  return policy.requireFinal
    ? makeCheck('FINALITY', 'SKIPPED', null, message, { isUndetermined: true })
    : makeCheck('FINALITY', 'SKIPPED', null, message)
}

function checkStrength(evidence: Evidence, policy: Policy): Check[] {
  if (policy.minRsaBits === 0 && policy.minEcBits === 0 && policy.allowSha1) return []
  return evidence.hops.map(({ autoId, certificate }) => {
    const weakness = weakKey(certificate, policy) ?? weakDigest(certificate, policy)
    if (weakness !== null) return makeCheck('KEY_STRENGTH', 'FAILED', autoId, weakness)
    const { publicKeyAlgorithm, publicKeyBits } = certificate
    const size = publicKeyBits === null ? '' : ` ${publicKeyBits} bits`
    return makeCheck('KEY_STRENGTH', 'PASSED', autoId, `${publicKeyAlgorithm}${size}.`)
  })
}

/** A key whose kind or size nobody here knows is never strong enough. */
function weakKey(
  { spki, publicKeyAlgorithm, publicKeyBits }: EvidenceCertificate,
  { minRsaBits, minEcBits }: Policy,
): string | null {
  const forgeable = minRsaBits + minEcBits > 0 ? forgeableBecause(spki) : null
  if (forgeable !== null) return `${forgeable}: anybody can sign under it.`
  const isRsa = /^rsa/i.test(publicKeyAlgorithm)
  const isCurve = /^(ec|ed25519)/i.test(publicKeyAlgorithm)
  const least = isRsa ? minRsaBits : isCurve ? minEcBits : Math.max(minRsaBits, minEcBits)
  if (least === 0 || ((isRsa || isCurve) && (publicKeyBits ?? 0) >= least)) return null
  return `${publicKeyAlgorithm} key of ${publicKeyBits ?? 'unknown'} bits; the policy asks for ${least}.`
}

function weakDigest(
  { signatureAlgorithmName }: EvidenceCertificate,
  policy: Policy,
): string | null {
  const isWeak = /sha-?1(?!\d)|md5|md2/i.test(signatureAlgorithmName)
  return isWeak && !policy.allowSha1
    ? `Signed with ${signatureAlgorithmName}, which the policy does not allow.`
    : null
}

function checkLength(evidence: Evidence, { maxPathLength }: Policy): Check[] {
  if (maxPathLength === null) return []
  const between = Math.max(0, evidence.hops.length - 2)
  const message = `${between} issuers between target and root; the policy allows ${maxPathLength}.`
  const outcome = between <= maxPathLength ? 'PASSED' : 'FAILED'
  return [makeCheck('PATH_LENGTH', outcome, evidence.hops[0]?.autoId ?? null, message)]
}

const RANK = { INFO: 0, WARNING: 1, CRITICAL: 2 } as const

/** What the policy makes of findings and of what is known since. */
export function checkFindings(findings: readonly Finding[], policy: Policy): Check[] {
  const checks: Check[] = []
  const { rejectSeverity, rejectFindings } = policy
  const rejected = findings.filter(
    (finding) =>
      rejectFindings.includes(finding.code) ||
      (rejectSeverity !== null && RANK[finding.severity] >= RANK[rejectSeverity]),
  )
  for (const { code, autoId, message } of rejected) {
    checks.push(makeCheck('FINDINGS', 'FAILED', autoId, `${code}: ${message}`))
  }
  const isAsked = rejectSeverity !== null || rejectFindings.length > 0
  return checks.length === 0 && isAsked ? [checkNoneRejected(findings)] : checks
}

/** None among those that were made: of what happened later, some may not have been read. */
function checkNoneRejected(findings: readonly Finding[]): Check {
  if (!findings.some(({ code }) => code === 'LATER_EVENTS_CUT')) {
    return makeCheck('FINDINGS', 'PASSED', null, 'No finding that the policy rejects.')
  }
  const message = 'No finding that the policy rejects, but not all of them could be made.'
  return makeCheck('FINDINGS', 'SKIPPED', null, message, { isUndetermined: true })
}

const AGAINST: ReadonlySet<LaterEvent['kind']> = new Set<LaterEvent['kind']>([
  'REVOKED',
  'TAKEN_OVER',
  'DEACTIVATED',
  'LEFT_ISSUER',
])

/** Revocations, takeovers and deactivations after the asked moment: only the policy makes them count. */
export function checkLater(evidence: Evidence, policy: Policy): Check[] {
  if (policy.laterRevocation !== 'REJECT') return []
  const bad = evidence.hops.flatMap((hop) =>
    hop.later.filter(({ kind }) => AGAINST.has(kind)).map((later) => ({ hop, later })),
  )
  if (bad.length === 0 && evidence.isCutLater === true) {
    const message = 'More has happened since than is looked at.'
    return [makeCheck('LATER_REVOCATION', 'SKIPPED', null, message, { isUndetermined: true })]
  }
  if (bad.length === 0) {
    const message = `Nothing up to block ${evidence.knownAt.height} speaks against the chain.`
    return [makeCheck('LATER_REVOCATION', 'PASSED', null, message)]
  }
  return bad.map(({ hop, later }) => {
    const message = `${what(later)} in block ${later.height}, after the asked moment.`
    return makeCheck('LATER_REVOCATION', 'FAILED', hop.autoId, message, { event: later.event })
  })
}

function what({ kind }: LaterEvent): string {
  return kind === 'LEFT_ISSUER'
    ? 'It became a root'
    : `It was ${kind.toLowerCase().replace('_', ' ')}`
}
