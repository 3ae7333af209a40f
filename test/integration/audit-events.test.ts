/** The audit of the events of a block of a really indexed chain. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditEvents } from '../../src/audit-events'
import { auditOnce } from '../../src/background-audit'
import type { NodeRpc } from '../../src/node/rpc'
import { readIndexEvents } from '../../src/store/read/audit'
import {
  type AuditedChain,
  addToNonce,
  silentLog as log,
  openAuditedChain,
} from '../support/audited-chain'
import { story } from '../support/story'

const agent = story.agent

let chain: AuditedChain
let pool: AuditedChain['pool']
let rpc: NodeRpc
beforeAll(async () => {
  chain = await openAuditedChain()
  ;({ pool, rpc } = chain)
})
afterAll(() => chain?.close())

describe('the audit of a block’s events', () => {
  const audited = async (height: number) => {
    const indexed = await readIndexEvents(pool, height)
    if (indexed === null) throw new Error(`no block ${height}`)
    return auditEvents(rpc, indexed)
  }

  it('finds no difference at any block, in either layout', async () => {
    for (const height of [0, 1, 46, 79, 92, 93, 143, 146, 230, 233, 266, 275, 278]) {
      expect(await audited(height), `block ${height}`).toEqual([])
    }
  })

  /** Takes a row out of the index, and puts it back. */
  async function without<T>(id: string, work: () => Promise<T>): Promise<T> {
    await pool.query('create table kept as select * from registry_event where id = $1', [id])
    await pool.query('delete from registry_event where id = $1', [id])
    try {
      return await work()
    } finally {
      await pool.query('insert into registry_event select * from kept')
      await pool.query('drop table kept')
    }
  }

  // Tried without `compareEvents` in `auditOnce`: nothing is found, for entries and lists agree.
  it('finds a row that is missing, invented or wrong in the block it picked, and keeps that', async () => {
    const { rows } = await pool.query(
      `select id, block, event_index, kind, auto_id from registry_event where block > 100 and source = 'CALL' order by id limit 1`,
    )
    const [row] = rows
    const pick = (final: number) => {
      expect(final).toBe(278)
      return row.block
    }
    const event = `${row.kind} ${row.auto_id}`
    const base = {
      block: row.block,
      autoId: row.auto_id,
      field: `event ${row.block}-${row.event_index}`,
    }
    const missing = await without(row.id, () => auditOnce(pool, rpc, 10_000, log, pick))
    expect(missing?.differences).toEqual([{ ...base, chain: event, index: null }])
    const { rows: kept } = await pool.query(
      'select differences from audit_run order by finished_at desc limit 1',
    )
    expect(kept[0].differences).toEqual(missing?.differences)

    const set = (sql: string) => pool.query(sql)
    await set(`update registry_event set event_index = event_index + 1000 where id = '${row.id}'`)
    const moved = await auditOnce(pool, rpc, 10_000, log, pick)
    await set(`update registry_event set event_index = event_index - 1000 where id = '${row.id}'`)
    expect(moved?.differences.map(({ chain, index: ours }) => [chain, ours])).toEqual([
      [event, null],
      [null, event],
    ])

    await set(`update block set event_count = event_count - 1 where height = ${row.block}`)
    const fewer = await auditOnce(pool, rpc, 10_000, log, pick)
    await set(`update block set event_count = event_count + 1 where height = ${row.block}`)
    expect(fewer?.differences.map(({ field }) => field)).toEqual(['eventCount'])
    expect((await auditOnce(pool, rpc, 10_000, log, pick))?.differences).toEqual([])
  })

  // Tried with the failure taken for an empty list: a run without differences is kept.
  it('is no good result when the node cannot prove the events, and hides no difference found before', async () => {
    const runs = async () =>
      (await pool.query('select count(*)::int as n from audit_run')).rows[0].n as number
    const before = await runs()
    const mute: NodeRpc = {
      ...rpc,
      call: (method, params) =>
        method === 'state_getReadProof'
          ? (Promise.resolve({ proof: [] }) as Promise<never>)
          : rpc.call(method, params),
    }
    const audit = () => auditOnce(pool, mute, 10_000, log, () => 230)
    await expect(audit()).rejects.toMatchObject({ code: 'INCONSISTENT_NODE' })
    expect(await runs()).toBe(before)
    await addToNonce(pool, agent, 1)
    const report = await audit()
    await addToNonce(pool, agent, -1)
    expect(report?.differences.map(({ field }) => field)).toEqual(['nonce'])
    expect(await runs()).toBe(before + 1)
  })
})
