/** What statements cost Postgres: rows that their scans touched, as `explain analyze` counts them, not those they return. */

import type pg from 'pg'

type Plan = {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
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
    if (/^\s*(?:select|with)/i.test(text)) rows += await rowsOf(client, text, values)
    return client.query(text, values)
  }
  return { client: { query } as unknown as pg.Client, rows: () => rows }
}

/** What a statement reads, from one table or from all, the same row as often as it is read; a change is made. */
export async function rowsOf(
  client: pg.ClientBase,
  text: string,
  values: unknown[],
  table?: string,
): Promise<number> {
  const { rows } = await client.query(`explain (analyze, format json) ${text}`, values)
  const plans: readonly { Plan: Plan }[] = rows[0]['QUERY PLAN']
  return plans.reduce((sum, { Plan: plan }) => sum + scanned(plan, table), 0)
}

function scanned(plan: Plan, table: string | undefined): number {
  const dropped =
    (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0)
  const isCounted =
    plan['Node Type'].endsWith('Scan') && (table === undefined || plan['Relation Name'] === table)
  const own = isCounted ? (plan['Actual Rows'] + dropped) * plan['Actual Loops'] : 0
  return (plan.Plans ?? []).reduce((sum, child) => sum + scanned(child, table), own)
}
