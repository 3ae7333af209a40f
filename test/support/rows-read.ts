/** What statements cost Postgres: rows that their scans touched, as `explain analyze` counts them, not those they return. */

import type pg from 'pg'

type Plan = {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly Plan[]
}
type Statement = string | { readonly text: string; readonly values?: unknown[] }

/** A client whose questions are explained, with their parameters, before they are put. */
export function countingRows(client: pg.Client): { client: pg.Client; rows: () => number } {
  let rows = 0
  const query = async (first: Statement, more?: unknown[]) => {
    const { text, values = more ?? [] } = typeof first === 'string' ? { text: first } : first
    if (/^\s*(?:select|with)/i.test(text)) {
      const explained = await client.query(`explain (analyze, format json) ${text}`, values)
      for (const { Plan: plan } of explained.rows[0]['QUERY PLAN']) rows += rowsOf(plan)
    }
    return client.query(text, values)
  }
  return { client: { query } as unknown as pg.Client, rows: () => rows }
}

function rowsOf(plan: Plan): number {
  const dropped =
    (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0)
  const own = plan['Node Type'].endsWith('Scan')
    ? (plan['Actual Rows'] + dropped) * plan['Actual Loops']
    : 0
  return (plan.Plans ?? []).reduce((sum, child) => sum + rowsOf(child), own)
}
