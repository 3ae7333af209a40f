/** The alerts and the dashboard as Prometheus reads them: its own `promtool` judges. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

const rules = path.resolve('ops/alerts.yml')
const dashboard = JSON.parse(readFileSync('ops/grafana/dashboard.json', 'utf8')) as {
  panels: { title: string; targets?: { expr: string }[] }[]
}
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

const fine = { ok: true, said: expect.stringContaining('SUCCESS') }

type Judgement = { readonly ok: boolean; readonly said: string }

function promtool(command: 'check' | 'test', file: string): Judgement {
  const { error, status, stdout, stderr } = spawnSync('promtool', [command, 'rules', file])
  if (error !== undefined) throw error
  return { ok: status === 0, said: `${stdout}${stderr}` }
}

/** The same of a file of JSON, which is YAML too. */
function judged(command: 'check' | 'test', content: object): Judgement {
  const dir = mkdtempSync(path.join(tmpdir(), 'promtool-'))
  const file = path.join(dir, 'file.yml')
  writeFileSync(file, JSON.stringify(content))
  try {
    return promtool(command, file)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const recording = (exprs: readonly string[]) => ({
  groups: [{ name: 'all', rules: exprs.map((expr, n) => ({ record: `panel_${n}`, expr })) }],
})

test('the file of alerts holds rules', () => {
  expect(promtool('check', rules)).toEqual(fine)
})

test('every expression of the dashboard is PromQL', () => {
  expect(expressions.length).toBeGreaterThan(15)
  expect(judged('check', recording(expressions))).toEqual(fine)
  for (const wrong of ['rate(auto_registry_reorgs_total)', 'sum by route (auto_registry_up)']) {
    expect(judged('check', recording([...expressions, wrong])).ok).toBe(false)
  }
})

type Series = Readonly<Record<string, string>>

const within = (seconds: string) =>
  `auto_registry_graphql_operation_seconds_bucket{le="${seconds}"}`

/** A sample a minute for more than two days; an index that is well. */
const well: Series = {
  auto_registry_up: '1+0x3000',
  auto_registry_ingestion_failing: '0+0x3000',
  auto_registry_head_age_seconds: '6+0x3000',
  auto_registry_lag_blocks: '0+0x3000',
  auto_registry_finality_lag_blocks: '3+0x3000',
  auto_registry_audit_differences: '0+0x3000',
  auto_registry_audit_failing: '0+0x3000',
  auto_registry_audit_age_seconds: '100+0x3000',
  'auto_registry_processor_blocks_total{instance="processor"}': '0+10x3000',
  [within('1')]: '0+200x3000',
  [within('2.5')]: '0+200x3000',
  [within('+Inf')]: '0+200x3000',
}

const onlyThese = (series: Series): Series =>
  Object.fromEntries(Object.keys(well).map((name) => [name, series[name] ?? '_x3000']))

/** What differs from `well`, the time, and every alert that fires then. */
const cases: [about: string, series: Series, at: string, firing: string[]][] = [
  ['a registry that is well for two days', {}, '48h', []],

  ['an API that went away for a scrape', { auto_registry_up: '1 1 _ 1+0x9' }, '8m', []],
  ['an API that is gone', { auto_registry_up: '1 1 1 stale' }, '5m', ['ApiGone']],

  ['an index read last a minute ago', onlyThese({ auto_registry_up: '0+0x9' }), '59s', []],
  ['an index not read', onlyThese({ auto_registry_up: '0+0x9' }), '1m', ['IndexUnreadable']],
  ['an index read again', onlyThese({ auto_registry_up: '0 0 0 1+0x9' }), '3m', []],

  ['an error retried once', { auto_registry_ingestion_failing: '0 1 1 0+0x20' }, '10m', []],
  ['an error for 4 minutes', { auto_registry_ingestion_failing: '1+0x20' }, '4m', []],
  ['an error retried', { auto_registry_ingestion_failing: '1+0x20' }, '5m', ['IngestionFailing']],

  ['a head of 300 s', { auto_registry_head_age_seconds: '300+0x20' }, '10m', []],
  ['a head of 301 s', { auto_registry_head_age_seconds: '301+0x20' }, '2m', ['HeadStale']],

  ['50 blocks behind', { auto_registry_lag_blocks: '50+0x30' }, '20m', []],
  ['51 blocks behind', { auto_registry_lag_blocks: '51+0x30' }, '10m', ['IndexLags']],
  ['catching up', { auto_registry_lag_blocks: '90-10x9 0+0x30' }, '10m', []],

  [
    'a processor that commits nothing, behind its node',
    {
      auto_registry_lag_blocks: '1+0x60',
      'auto_registry_processor_blocks_total{instance="processor"}': '70+0x60',
    },
    '6m',
    ['ProcessorStuck'],
  ],
  [
    'a processor that has nothing to commit',
    { 'auto_registry_processor_blocks_total{instance="processor"}': '70+0x60' },
    '30m',
    [],
  ],
  [
    'a processor that commits now and then',
    {
      auto_registry_lag_blocks: '1+0x60',
      'auto_registry_processor_blocks_total{instance="processor"}': '0+0x8 1+0x8 2+0x8 3+0x8',
    },
    '30m',
    [],
  ],

  ['20,000 blocks not final', { auto_registry_finality_lag_blocks: '20000+0x60' }, '50m', []],
  [
    '20,001 blocks not final',
    { auto_registry_finality_lag_blocks: '20001+0x60' },
    '30m',
    ['FinalityStalled'],
  ],

  ['a difference', { auto_registry_audit_differences: '0 1+0x9' }, '1m', ['AuditDifference']],
  ['one that is mended', { auto_registry_audit_differences: '0 1 0+0x9' }, '2m', []],

  ['audits that fail', { auto_registry_audit_failing: '1+0x200' }, '2h', ['AuditFailing']],
  ['one that failed', { auto_registry_audit_failing: '1+0x60 0+0x200' }, '2h', []],

  ['an audit of yesterday', { auto_registry_audit_age_seconds: '86400+0x200' }, '2h', []],
  ['an older audit', { auto_registry_audit_age_seconds: '86401+0x200' }, '1h', ['AuditOld']],

  ['no audit yet', { auto_registry_audit_age_seconds: '_x3000' }, '23h', []],
  ['no audit ever', { auto_registry_audit_age_seconds: '_x3000' }, '24h', ['NeverAudited']],
  [
    'no audit of one registry of two',
    {
      'auto_registry_up{registry="other"}': '1+0x3000',
      'auto_registry_audit_age_seconds{registry="third"}': '100+0x3000',
    },
    '24h',
    ['NeverAudited'],
  ],

  ['three slow answers of 200', { [within('1')]: '0+197x60' }, '11m', ['SlowAnswers']],
  ['one slow answer of 200', { [within('1')]: '0+199x60' }, '30m', []],
  ['slow answers for 5 minutes', { [within('1')]: '0+190x5 1150+200x60' }, '30m', []],
  [
    'no question at all',
    { [within('1')]: '5+0x60', [within('2.5')]: '9+0x60', [within('+Inf')]: '9+0x60' },
    '30m',
    [],
  ],
]

function fired(series: Series, at: string, firing: readonly string[]) {
  const input = Object.entries({ ...well, ...series })
  const exp_samples = firing.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 }))
  return judged('test', {
    rule_files: [rules],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: input.map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [
          {
            expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
            eval_time: at,
            exp_samples,
          },
        ],
      },
    ],
  })
}

test.each(cases)('%s: those alerts and no others', (_, series, at, firing) => {
  expect(fired(series, at, firing)).toEqual(fine)
})

test('each alert has a case in which it fires', () => {
  const names = [...readFileSync(rules, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
  expect(names.length).toBeGreaterThan(10)
  expect([...new Set(cases.flatMap(([, , , firing]) => firing))].sort()).toEqual(names.sort())
})

test('the judge refuses an alert that is expected and does not fire, and one that fires unexpected', () => {
  expect(fired({}, '1h', ['HeadStale']).ok).toBe(false)
  expect(fired({ auto_registry_audit_differences: '1+0x99' }, '1h', []).ok).toBe(false)
})
