/** What a processor says of itself while it works: the status row and its figures. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serveMetrics } from '../../src/ops/metrics-server'
import { createProcessorMetrics } from '../../src/ops/processor-metrics'
import { openPool } from '../../src/store/connection'
import { recordConfirmation } from '../../src/store/status'
import { indexDevChain } from '../support/indexed-dev-chain'
import { chainDir, LiveIndex } from '../support/live-index'
import { until } from '../support/until'

let live: LiveIndex
beforeEach(async () => {
  live = await LiveIndex.open()
})
afterEach(() => live.close())

describe('status', () => {
  test('shows a node that fails until it answers again, and then no more', async () => {
    const devnet = await live.node({ chainDir, initialHeight: 100 })
    await live.start(devnet.wsUrl)
    await live.untilHeight(100)
    devnet.setFault(() => ({ type: 'error', code: -32000, message: 'the node is on fire' }))
    devnet.advance(1)
    await until(async () => (await live.status()).error !== null)
    expect((await live.status()).error).toMatch(/on fire/)
    devnet.setFault(undefined)
    await live.untilHeight(101)
    await until(async () => {
      const { error, node_height: nodeHeight } = await live.status()
      return error === null && nodeHeight === 101
    })
  })
})

describe('the status row', () => {
  const best = { nodeHeight: 150, nodeHash: `0x${'ab'.repeat(32)}` }

  test('names the best block of the node by its hash while the index is catching up with it', async () => {
    await indexDevChain(live.databaseUrl, { to: 100, finalized: 90 })
    const { hash } = await live.status()
    const pool = openPool(live.databaseUrl, {
      name: 'test',
      maxConnections: 1,
      statementTimeoutMs: 5_000,
    })
    const confirmation = { hash, ...best, at: new Date('2030-01-01') }
    await recordConfirmation(pool, confirmation)
    await pool.end()
    expect(await live.status()).toMatchObject({
      node_height: 150,
      node_hash: best.nodeHash,
      confirmed_at: new Date('2030-01-01'),
    })
  })

  // With confirmed_at = now() in each transaction the node behind confirms the head by what it takes for final.
  test('is not confirmed by a node behind the head, and says that it is behind', async () => {
    await indexDevChain(live.databaseUrl, { to: 100, finalized: 60 })
    await live.client.query("update index_status set confirmed_at = '2020-01-01'")
    const behind = await live.node({ chainDir, initialHeight: 90, finalityLag: 20 })
    await live.start(behind.wsUrl)
    await until(async () => (await live.status()).error !== null)
    expect((await live.status()).error).toMatch(
      /behind: at block 90, where 100 is indexed, 70 as final/,
    )
    expect((await live.status()).confirmed_at).toEqual(new Date('2020-01-01'))
    behind.advance(11)
    await live.untilHeight(101)
    await until(async () => (await live.status()).error === null)
    expect((await live.status()).confirmed_at.getTime()).toBeGreaterThan(Date.parse('2020-01-01'))
  })
})

describe('/metrics of the processor', () => {
  // Tried with `this.certificates` not set back when a batch begins anew: those of the refused batch are counted twice.
  test('counts what was committed, once, though a batch had to be repeated', async () => {
    const metrics = createProcessorMetrics()
    const served = await serveMetrics(metrics, { port: 0, host: '127.0.0.1' })
    try {
      const devnet = await live.node({ chainDir, initialHeight: 100 })
      await live.startWith({ onCommitted: metrics.observeBatch }, devnet.url)
      await live.untilHeight(100)
      await live.client.query(`
        create sequence tries;
        create function refuse_once() returns trigger language plpgsql as $$ begin
          if nextval('tries') = 1 then raise exception 'once' using errcode = '40001'; end if;
          return new;
        end $$;
        create trigger refuse_once before update on index_status for each row
          when (new.height <> old.height) execute function refuse_once();
        grant all on sequence tries to public`)
      devnet.advance(177)
      await live.untilHeight(277)
      const { rows } =
        await live.client.query(`select (select last_value > 1 from tries) as repeated,
          (select count(*)::int from certificate) as certificates`)
      expect(rows[0].repeated).toBe(true)
      const expected = [
        'auto_registry_processor_blocks_total 278',
        `auto_registry_processor_certificates_total ${rows[0].certificates}`,
      ]
      const told = async () => (await fetch(served.url)).text()
      await until(async () => (await told()).includes(expected[0] ?? ''))
      expect((await told()).split('\n')).toEqual(expect.arrayContaining(expected))
      expect((await fetch(new URL('/other', served.url))).status).toBe(404)
    } finally {
      await served.close()
    }
  })
})
