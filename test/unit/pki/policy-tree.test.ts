import { describe, expect, it } from 'vitest'
import {
  addPolicies,
  applyMappings,
  createPolicyGraph,
  hasValidPolicy,
  isNullGraph,
} from '../../../src/pki/policy-tree'

const ANY = '2.5.29.32.0'
const policies = (...oids: string[]) => oids.map((oid) => ({ oid, qualifiers: [] }))
const map = (issuerDomain: string, subjectDomain: string) => ({ issuerDomain, subjectDomain })

/** The graph after these certificates. */
function graphOf(...certificates: string[][]) {
  const graph = createPolicyGraph()
  for (const oids of certificates) addPolicies(graph, policies(...oids), true)
  return graph
}

describe('policy graph (RFC 9618 §5)', () => {
  it('is NULL once a certificate has no policy, or none in common', () => {
    expect(isNullGraph(graphOf(['1.1'], ['1.1']))).toBe(false)
    expect(isNullGraph(graphOf(['1.1'], ['1.2']))).toBe(true)
    const graph = graphOf(['1.1'])
    addPolicies(graph, undefined, true)
    expect(isNullGraph(graph)).toBe(true)
  })

  it('lets anyPolicy stand for every policy, unless inhibited', () => {
    expect(hasValidPolicy(graphOf(['1.1'], [ANY]), ['1.1'])).toBe(true)
    expect(hasValidPolicy(graphOf([ANY], ['1.1']), ['1.1'])).toBe(true)
    const inhibited = graphOf(['1.1'])
    addPolicies(inhibited, policies(ANY), false)
    expect(isNullGraph(inhibited)).toBe(true)
  })

  it('accepts by the policy as the anchor’s side names it', () => {
    const graph = graphOf(['1.1'])
    applyMappings(graph, [map('1.1', '2.1')], true)
    addPolicies(graph, policies('2.1'), true)
    expect(hasValidPolicy(graph, ['1.1'])).toBe(true)
    expect(hasValidPolicy(graph, ['2.1'])).toBe(false)
    expect(hasValidPolicy(graph, [ANY])).toBe(true)
  })

  it('drops mapped policies while mapping is inhibited', () => {
    const graph = graphOf(['1.1'])
    applyMappings(graph, [map('1.1', '2.1')], false)
    expect(isNullGraph(graph)).toBe(true)
  })

  it('accepts nothing for an empty set of initial policies', () => {
    expect(hasValidPolicy(graphOf([ANY], [ANY]), [])).toBe(false)
  })

  it('stays small where the tree of RFC 5280 would double at every step', () => {
    const graph = createPolicyGraph()
    const two = ['1.1', '1.2']
    for (let depth = 0; depth < 200; depth++) {
      addPolicies(graph, policies(...two), true)
      applyMappings(
        graph,
        two.flatMap((a) => two.map((b) => map(a, b))),
        true,
      )
    }
    expect(graph.levels).toHaveLength(201)
    expect(Math.max(...graph.levels.map((level) => level.size))).toBe(2)
    expect(hasValidPolicy(graph, ['1.1'])).toBe(true)
    expect(hasValidPolicy(graph, ['1.3'])).toBe(false)
  })
})
