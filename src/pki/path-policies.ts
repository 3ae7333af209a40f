/** Certificate policies in the walk down a path: RFC 5280 §6.1.3 (d)-(e), §6.1.4 (a)-(b) and (h)-(j), §6.1.5 (a), (b), (g). */
import { OID } from './extensions'
import type { PathCertificate } from './path-certificate'
import { fail, type State } from './path-state'
import { addPolicies, applyMappings, hasValidPolicy } from './policy-tree'

/** §6.1.3 (d), (e). */
export function processPolicies(
  state: State,
  certificate: PathCertificate,
  isSelfIssuedIntermediate: boolean,
): void {
  const isAnyPolicyAllowed = state.inhibitAnyPolicy > 0 || isSelfIssuedIntermediate
  addPolicies(state.graph, certificate.policies, isAnyPolicyAllowed)
}

/** §6.1.4 (a), (b). */
export function applyMappingsOf(state: State, certificate: PathCertificate, index: number): void {
  const mappings = certificate.policyMappings
  if (mappings === undefined) return
  const mapsAny = mappings.some(
    ({ issuerDomain, subjectDomain }) =>
      issuerDomain === OID.anyPolicy || subjectDomain === OID.anyPolicy,
  )
  if (mapsAny) fail(state, 'PATH_POLICY_MAPPING_ANY', index, 'anyPolicy in a policy mapping')
  applyMappings(state.graph, mappings, state.policyMapping > 0)
}

/** §6.1.4 (i), (j). */
export function applyCounters(state: State, certificate: PathCertificate): void {
  const { policyConstraints, inhibitAnyPolicy } = certificate
  const { requireExplicitPolicy = null, inhibitPolicyMapping = null } = policyConstraints ?? {}
  state.explicitPolicy = Math.min(state.explicitPolicy, requireExplicitPolicy ?? Infinity)
  state.policyMapping = Math.min(state.policyMapping, inhibitPolicyMapping ?? Infinity)
  state.inhibitAnyPolicy = Math.min(state.inhibitAnyPolicy, inhibitAnyPolicy ?? Infinity)
}

/** §6.1.4 (h): each certificate that is not self-issued uses up one step. */
export function countDown(state: State): void {
  state.explicitPolicy = Math.max(state.explicitPolicy - 1, 0)
  state.policyMapping = Math.max(state.policyMapping - 1, 0)
  state.inhibitAnyPolicy = Math.max(state.inhibitAnyPolicy - 1, 0)
}

/** §6.1.5 (a), (b), (g). */
export function wrapUpPolicies(state: State, target: PathCertificate): void {
  state.explicitPolicy = Math.max(state.explicitPolicy - 1, 0)
  if (target.policyConstraints?.requireExplicitPolicy === 0) state.explicitPolicy = 0
  const { initialPolicySet } = state.rules.policy
  if (state.explicitPolicy === 0 && !hasValidPolicy(state.graph, initialPolicySet)) {
    fail(state, 'PATH_POLICY', 0, 'no policy of the path is among those accepted')
  }
}
