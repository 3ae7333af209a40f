/** One certificate, several identities: anybody can register it under an issuer of his own with the same key. */
import type { ProvenanceResult, Remark } from './provenance-types'

/** Looked at beside the first: a stranger pays for every identity he registers a certificate under. */
export const MAX_OTHERS = 19

const RANK = { INVALID: 0, INDETERMINATE: 1, VALID: 2 } as const
const NOT_MEANT: readonly string[] = ['SIGNER_UNANCHORED', 'SIGNER_UNKNOWN']

/**
 * The worst of those that the certificate may mean. Who was not registered by then, or is under none of the trust anchors,
 * does not count beside one that is.
 * @param others how many there are beside the first, looked at or not
 */
export function decisiveOf(
  results: readonly [ProvenanceResult, ...ProvenanceResult[]],
  others: number,
): ProvenanceResult {
  const meant = results.filter(({ failures }) => !failures.some(isNotMeant))
  const counting = meant.length > 0 ? meant : results
  const worst = counting.reduce(
    (a, b) => (RANK[b.verdict] < RANK[a.verdict] ? b : a),
    counting[0] ?? results[0],
  )
  const message = `the certificate is registered under ${others} more identities`
  const findings = [...worst.findings, { code: 'SIGNER_AMBIGUOUS', message } as const]
  if (others <= MAX_OTHERS) return { ...worst, findings }
  const open: Remark = {
    code: 'SIGNER_UNDETERMINED',
    message: `${message}, not all of them looked at`,
  }
  const verdict = worst.verdict === 'VALID' ? 'INDETERMINATE' : worst.verdict
  return { ...worst, findings, failures: [...worst.failures, open], verdict }
}

function isNotMeant({ code }: Remark): boolean {
  return NOT_MEANT.includes(code)
}
