import { describe, expect, it } from 'vitest'
import { createMetrics, type IndexFigures } from '../../../src/ops/metrics'

const figures: IndexFigures = {
  height: 280,
  finalizedHeight: 278,
  nodeHeight: 282,
  confirmedSecondsAgo: 3,
  reorgCount: 1,
  deepestReorg: 3,
  hasError: false,
  audit: { block: 280, checked: 250, differences: 0, secondsAgo: 60 },
  auditFailure: null,
}

describe('createMetrics', () => {
  it('shows the lag behind the node, the finality lag and the last audit', async () => {
    const text = await createMetrics(async () => figures).render()
    expect(text).toContain('auto_registry_up 1')
    expect(text).toContain('auto_registry_lag_blocks 2')
    expect(text).toContain('auto_registry_finality_lag_blocks 2')
    expect(text).toContain('auto_registry_audit_differences 0')
  })

  // Tried without the two gauges: a node that prunes its states shows as an age that grows, a day later.
  it('says that the last attempt of an audit failed, beside the result of an earlier one, or without any', async () => {
    const samples = async (change: Partial<IndexFigures>) => {
      const text = await createMetrics(async () => ({ ...figures, ...change })).render()
      return text.match(/(?<=^auto_registry_)audit_(?:failing|failure|age)\w* \S+$/gm)
    }
    const auditFailure = { secondsAgo: 5 }
    expect(await samples({})).toEqual(['audit_age_seconds 60', 'audit_failing 0'])
    const failing = ['audit_failing 1', 'audit_failure_age_seconds 5']
    expect(await samples({ auditFailure })).toEqual(['audit_age_seconds 60', ...failing])
    expect(await samples({ auditFailure, audit: null })).toEqual(failing)
    expect(await samples({ audit: null })).toBeNull()
  })

  it('says that the index could not be read, instead of failing the scrape', async () => {
    const text = await createMetrics(async () => {
      throw new Error('no database')
    }).render()
    expect(text).toContain('auto_registry_up 0')
  })

  // Tried with gauges that begin at 0 and keep their last value: an index never audited seems to agree with the chain.
  it('shows nothing where nothing is known, before and after something was', async () => {
    const unknown = { ...figures, nodeHeight: null, confirmedSecondsAgo: null, audit: null }
    const answers: (IndexFigures | null)[] = [unknown, figures, unknown, null]
    const metrics = createMetrics(async () => answers.shift() ?? null)
    const samples = async () => {
      const lines = (await metrics.render()).match(
        /^auto_registry_(audit|head|lag|node_height|finalized)\w* \S+$/gm,
      )
      return (lines ?? []).map((line) => line.replace('auto_registry_', ''))
    }
    const known = ['head_height 280', 'finalized_height 278']
    expect(await samples()).toEqual(known)
    expect(await samples()).toEqual(
      expect.arrayContaining([
        ...known,
        'lag_blocks 2',
        'audit_differences 0',
        'audit_age_seconds 60',
      ]),
    )
    expect(await samples()).toEqual(known)
    expect(await samples()).toEqual([])
  })

  it('counts requests by route and status, operations by outcome, cache look-ups by result', async () => {
    const metrics = createMetrics(async () => null)
    metrics.observeRequest('/ocsp', 200, 0.004)
    metrics.observeOperation('verify', 'error', 0.02)
    metrics.countCache('ocsp', 'hit')
    const text = await metrics.render()
    expect(text).toContain('auto_registry_http_request_seconds_count{route="/ocsp",status="200"} 1')
    expect(text).toMatch(/graphql_operation_seconds_count\{operation="verify",outcome="error"\} 1/)
    expect(text).toContain('auto_registry_cache_total{cache="ocsp",result="hit"} 1')
  })
})
