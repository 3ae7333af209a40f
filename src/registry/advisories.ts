/** All advisories of one operation, found on the state before it takes effect. */
import type { Advisory } from './advisory'
import { certificateAdvisories, type Found } from './certificate-advisories'
import type { ContinuityFinding } from './continuity'
import type { IndexSession } from './index-session'
import { issuanceAdvisories, issuerStandingAdvisories } from './issuance-advisories'
import {
  deactivationAdvisories,
  hitIssuers,
  registrationAdvisories,
  renewalAdvisories,
  revocationAdvisories,
} from './life-advisories'
import type { Evidence, Operation } from './operation'

/** What the chain let pass in this operation, judged by the state before it. `continuity`: of a registration alone. */
export function advisoriesOf(
  operation: Operation,
  session: IndexSession,
  continuity: ContinuityFinding | null,
  evidence: Pick<Evidence, 'source' | 'signatureOutcome' | 'signatureProblem'>,
): readonly Advisory[] {
  const { issuerId } = operation
  const chain = issuerId === null ? [] : session.ancestors(issuerId)
  const found: Found[] = [
    ...lifeAdvisories(operation, session, continuity),
    ...issuerStandingAdvisories(operation, chain, session),
    ...evidenceAdvisories(operation, evidence),
  ]
  if (operation.kind === 'REGISTERED' || operation.kind === 'RENEWED') {
    found.push(...issuanceAdvisories(operation, chain))
    found.push(...certificateAdvisories(operation.reading, operation.autoId))
  }
  const own = found.map(([code, facts]) => ({ code, facts, autoId: operation.autoId }))
  const hit = hitIssuers(operation, session).map(({ autoId, found: [code, facts] }) => ({
    code,
    facts,
    autoId,
  }))
  return [...own, ...hit]
}

function lifeAdvisories(
  operation: Operation,
  session: IndexSession,
  continuity: ContinuityFinding | null,
): readonly Found[] {
  switch (operation.kind) {
    case 'REGISTERED':
      return continuity === null ? [] : registrationAdvisories(operation, session, continuity)
    case 'RENEWED':
      return renewalAdvisories(operation, session)
    case 'REVOKED':
      return revocationAdvisories(operation, session)
    case 'DEACTIVATED':
      return deactivationAdvisories(operation, session)
  }
}

function evidenceAdvisories(
  operation: Operation,
  { source, signatureOutcome, signatureProblem }: Parameters<typeof advisoriesOf>[3],
): readonly Found[] {
  if (source === 'CALL') {
    return signatureOutcome === 'GOOD'
      ? []
      : [['SIGNATURE_NOT_CONFIRMED', { outcome: signatureOutcome, problem: signatureProblem }]]
  }
  const hasCertificate = operation.kind === 'REGISTERED' || operation.kind === 'RENEWED'
  return hasCertificate ? [['NO_SIGNATURE_KNOWN', { source }]] : []
}
