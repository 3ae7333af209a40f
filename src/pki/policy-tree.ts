/**
 * Certificate policies along a path (RFC 5280 §6.1.2-6.1.5) as the graph of RFC 9618 §5: one node a policy and
 * depth, so hostile mappings cannot make it grow beyond policies times depth.
 */
import { OID, type PolicyInformation, type PolicyMapping } from './extensions'

type PolicyNode = {
  /** valid_policy of the parents; empty at depth 0. */
  readonly parents: readonly string[]
  expected: readonly string[]
}

/** Nodes of one depth by valid_policy. */
type Level = Map<string, PolicyNode>

/** `levels` is empty once the graph is NULL. */
export type PolicyGraph = { levels: Level[] }

/** §6.1.2 (a): one node, anyPolicy. */
export function createPolicyGraph(): PolicyGraph {
  return { levels: [new Map([[OID.anyPolicy, { parents: [], expected: [OID.anyPolicy] }]])] }
}

export function isNullGraph(graph: PolicyGraph): boolean {
  return graph.levels.length === 0
}

/** §6.1.3 (d), (e): takes in the certificatePolicies of the next certificate; undefined when it has none. */
export function addPolicies(
  graph: PolicyGraph,
  policies: readonly PolicyInformation[] | undefined,
  isAnyPolicyAllowed: boolean,
): void {
  const previous = graph.levels.at(-1)
  if (previous === undefined) return
  if (policies === undefined) {
    graph.levels = []
    return
  }
  const expecting = parentsByExpectedPolicy(previous)
  const level: Level = new Map()
  for (const { oid } of policies) {
    if (oid === OID.anyPolicy) continue
    const parents = expecting.get(oid) ?? (previous.has(OID.anyPolicy) ? [OID.anyPolicy] : [])
    if (parents.length > 0) level.set(oid, { parents, expected: [oid] })
  }
  if (isAnyPolicyAllowed && policies.some(({ oid }) => oid === OID.anyPolicy)) {
    for (const [oid, parents] of expecting) {
      if (!level.has(oid)) level.set(oid, { parents, expected: [oid] })
    }
  }
  graph.levels = level.size === 0 ? [] : [...graph.levels, level]
}

function parentsByExpectedPolicy(level: Level): Map<string, string[]> {
  const parents = new Map<string, string[]>()
  for (const [policy, node] of level) {
    for (const expected of node.expected) {
      const list = parents.get(expected)
      if (list === undefined) parents.set(expected, [policy])
      else list.push(policy)
    }
  }
  return parents
}

/** §6.1.4 (b): maps, or with policy mapping inhibited removes, the policies of the last certificate. */
export function applyMappings(
  graph: PolicyGraph,
  mappings: readonly PolicyMapping[],
  isMappingAllowed: boolean,
): void {
  const level = graph.levels.at(-1)
  if (level === undefined) return
  const subjectDomains = new Map<string, Set<string>>()
  for (const { issuerDomain, subjectDomain } of mappings) {
    const targets = subjectDomains.get(issuerDomain) ?? new Set()
    subjectDomains.set(issuerDomain, targets.add(subjectDomain))
  }
  for (const [issuerDomain, targets] of subjectDomains) {
    if (!isMappingAllowed) level.delete(issuerDomain)
    else mapPolicy(level, issuerDomain, [...targets])
  }
  if (level.size === 0) graph.levels = []
}

function mapPolicy(level: Level, issuerDomain: string, targets: readonly string[]): void {
  const node = level.get(issuerDomain)
  if (node !== undefined) node.expected = targets
  else if (level.has(OID.anyPolicy)) {
    level.set(issuerDomain, { parents: [OID.anyPolicy], expected: targets })
  }
}

/**
 * §6.1.5 (g): whether a policy of `initialPolicySet` is valid for the path. The graph may hold nodes without
 * children; only what the last certificate reaches upwards counts.
 */
export function hasValidPolicy(graph: PolicyGraph, initialPolicySet: readonly string[]): boolean {
  const last = graph.levels.at(-1)
  if (last === undefined) return false
  if (initialPolicySet.includes(OID.anyPolicy)) return true
  if (last.has(OID.anyPolicy)) return initialPolicySet.length > 0
  const accepted = new Set(initialPolicySet)
  let reached: ReadonlySet<string> = new Set(last.keys())
  for (let depth = graph.levels.length - 1; depth > 0; depth--) {
    const level = graph.levels[depth] as Level
    const above = new Set<string>()
    for (const policy of reached) {
      const parents = level.get(policy)?.parents ?? []
      // A child of anyPolicy is where a policy entered the path: in the anchor's domain (§6.1.5 (g)(iii)).
      if (policy !== OID.anyPolicy && parents.includes(OID.anyPolicy) && accepted.has(policy)) {
        return true
      }
      for (const parent of parents) above.add(parent)
    }
    reached = above
  }
  return false
}
