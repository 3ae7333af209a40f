/** Limits on the work a stranger's certificates can cause. Each says where its number comes from. */

/** Work left. Every step that input can multiply takes from here. */
export type Budget = {
  signatures: number
  steps: number
  paths: number
  nameComparisons: number
}

export function createBudget(): Budget {
  return {
    // rustls-webpki allows 100 in all (CVE-2018-16875); memoized here, and bettertls needs fewer than 60.
    signatures: 200,
    // rustls-webpki allows 200,000 path building calls after NSS; each here also sorts its candidates.
    steps: 20_000,
    // Complete candidate paths; RFC 4158 §2.4.2 meshes with a good path find it among the first few.
    paths: 200,
    // BoringSSL's kMaxChecks for names against constraints, per certificate and issuer.
    nameComparisons: 1_048_576,
  }
}

/** Certificates between target and anchor that a path may have; public paths have under 6, limbo none over 4. */
export const MAX_INTERMEDIATES = 20

/** Certificates, CRLs and anchors looked at; more are refused before any is parsed. */
export const MAX_INPUT_CERTIFICATES = 1000

/** Takes `amount`; false when there is not enough left. */
export function spend(budget: Budget, kind: keyof Budget, amount = 1): boolean {
  if (budget[kind] < amount) return false
  budget[kind] -= amount
  return true
}
