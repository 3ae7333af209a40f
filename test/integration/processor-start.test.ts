import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Client } from 'pg'
import { pino } from 'pino'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/devnet/devnet'
import { readRecording } from '../../src/devnet/recording'
import { type ProcessorSettings, type RunningProcessor, startProcessor } from '../../src/main'
import { serveMetrics } from '../../src/ops/metrics-server'
import { createProcessorMetrics } from '../../src/ops/processor-metrics'
import { openPool } from '../../src/store/connection'
import { recordConfirmation } from '../../src/store/status'
import { digestOf } from '../support/dump'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { startSwitchedProxy } from '../support/switched-proxy'

const chainDir = 'chains/dev'
const silent = pino({ level: 'silent' })

let database: TestDatabase
let client: Client
const devnets: Devnet[] = []
const processors: RunningProcessor[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
})
afterEach(async () => {
  for (const processor of processors.splice(0)) await processor.close().catch(() => undefined)
  for (const devnet of devnets.splice(0)) await devnet.close()
  await client.end()
  await database.close()
})

async function node(options: DevnetOptions = { chainDir }): Promise<Devnet> {
  const devnet = await startDevnet(options)
  devnets.push(devnet)
  return devnet
}

async function start(...urls: string[]): Promise<RunningProcessor> {
  return startWith({}, ...urls)
}

async function startWith(
  more: Partial<ProcessorSettings>,
  ...urls: string[]
): Promise<RunningProcessor> {
  const settings = {
    databaseUrl: database.url,
    rpcEndpoints: urls,
    rpcBatchSize: 100,
    rpcTimeoutSeconds: 5,
    finality: { type: 'NODE' } as const,
    headPollMs: 10,
    patienceMs: 1_000,
    ...more,
  }
  const processor = await startProcessor(settings, silent)
  processors.push(processor)
  return processor
}

async function untilHeight(height: number): Promise<void> {
  for (;;) {
    const { rows } = await client.query('select height from index_status')
    if (rows[0]?.height >= height) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Everything the database holds, the status included. */
async function contents(): Promise<unknown> {
  const status = await client.query('select * from index_status')
  const chain = await client.query('select * from chain_info')
  return { digest: await digestOf(client), status: status.rows, chain: chain.rows }
}

const oneLine = expect.stringMatching(/^[^\n]+$/)

describe('a start that cannot succeed writes nothing and says why in one line', () => {
  test('when no node answers', async () => {
    const before = await contents()
    await expect(start('ws://127.0.0.1:1')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: oneLine,
    })
    expect(await contents()).toEqual(before)
  })

  test('when something answers that is no node: what it said', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('no such page'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : null
    const before = await contents()
    // Tried after 0, 0.25, 0.75 and 1.75 s; the next try comes after patience has ended.
    const refused = startWith({ patienceMs: 2_700 }, `http://127.0.0.1:${port}/rpc`)
    await expect(refused).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^No node answered [^\n]*: [^\n]*404[^\n]*$/),
    })
    server.close()
    expect(await contents()).toEqual(before)
  })

  test('when the chain has no AutoId pallet', async () => {
    const recording = readRecording(chainDir)
    const renamed = Buffer.from('AutoId').toString('hex')
    const runtimes = new Map(
      [...recording.runtimes].map(([version, runtime]) => [
        version,
        {
          ...runtime,
          metadata: runtime.metadata.replaceAll(renamed, Buffer.from('OtherX').toString('hex')),
        },
      ]),
    )
    const { wsUrl } = await node({ chain: { ...recording, runtimes } })
    const before = await contents()
    await expect(start(wsUrl)).rejects.toMatchObject({ code: 'WRONG_CHAIN', message: oneLine })
    expect(await contents()).toEqual(before)
  })

  test('when the database was indexed from another genesis', async () => {
    const { wsUrl } = await node()
    const first = await start(wsUrl)
    await untilHeight(282)
    await first.close()
    const before = await contents()
    const recording = readRecording(chainDir)
    const fork = recording.blocks.filter(({ number }) => number > 0)
    const genesis = recording.blocks[0]
    if (genesis === undefined) throw new Error('no genesis')
    const other = { ...genesis, hash: `0x${'ab'.repeat(32)}` }
    const { wsUrl: otherUrl } = await node({
      chain: {
        ...recording,
        blocks: [
          other,
          ...fork.map((b) => (b.number === 1 ? { ...b, parentHash: other.hash } : b)),
        ],
      },
    })
    await expect(start(otherUrl)).rejects.toMatchObject({
      code: 'WRONG_CHAIN',
      message: expect.stringMatching(
        /^the database was indexed from the chain with genesis[^\n]+$/,
      ),
    })
    expect(await contents()).toEqual(before)
  })

  test('when another processor is at work', async () => {
    const { wsUrl } = await node()
    await start(wsUrl)
    await untilHeight(282)
    await expect(start(wsUrl)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: oneLine })
  })

  test('when the database does not answer', async () => {
    const { wsUrl } = await node()
    const settings = {
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      rpcEndpoints: [wsUrl],
      rpcBatchSize: 100,
      rpcTimeoutSeconds: 5,
      finality: { type: 'NODE' } as const,
    }
    await expect(startProcessor(settings, silent)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('postgres://nobody@127.0.0.1:1/none'),
    })
  })
})

describe('status', () => {
  test('shows a node that fails until it answers again, and then no more', async () => {
    const devnet = await node({ chainDir, initialHeight: 100 })
    await start(devnet.wsUrl)
    await untilHeight(100)
    devnet.setFault(() => ({ type: 'error', code: -32000, message: 'the node is on fire' }))
    devnet.advance(1)
    const shown = await until(async () => {
      const { rows } = await client.query('select error from index_status')
      return rows[0]?.error ?? null
    })
    expect(shown).toMatch(/on fire/)
    devnet.setFault(undefined)
    await untilHeight(101)
    await until(async () => {
      const { rows } = await client.query(
        'select node_height from index_status where error is null and node_height = 101',
      )
      return rows[0] ?? null
    })
  })
})

describe('the status row', () => {
  const best = { nodeHeight: 150, nodeHash: `0x${'ab'.repeat(32)}` }
  const read = async () => {
    const { rows } = await client.query(
      'select node_height, node_hash, confirmed_at, error from index_status',
    )
    return rows[0]
  }

  test('names the best block of the node by its hash while the index is catching up with it', async () => {
    await indexDevChain(database.url, { to: 100, finalized: 90 })
    const { rows } = await client.query('select hash from index_status')
    const pool = openPool(database.url, {
      name: 'test',
      maxConnections: 1,
      statementTimeoutMs: 5_000,
    })
    const confirmation = { hash: rows[0].hash, ...best, at: new Date('2030-01-01') }
    await recordConfirmation(pool, confirmation)
    await pool.end()
    expect(await read()).toMatchObject({
      node_height: 150,
      node_hash: best.nodeHash,
      confirmed_at: new Date('2030-01-01'),
    })
  })

  // With confirmed_at = now() in each transaction the node behind confirms the head by what it takes for final.
  test('is not confirmed by a node behind the head, and says that it is behind', async () => {
    await indexDevChain(database.url, { to: 100, finalized: 60 })
    await client.query("update index_status set confirmed_at = '2020-01-01'")
    const behind = await node({ chainDir, initialHeight: 90, finalityLag: 20 })
    await start(behind.wsUrl)
    const shown = await until(async () => (await read()).error)
    expect(shown).toMatch(/behind: at block 90, where 100 is indexed, 70 as final/)
    expect((await read()).confirmed_at).toEqual(new Date('2020-01-01'))
    behind.advance(11)
    await untilHeight(101)
    await until(async () => ((await read()).error === null ? true : null))
    expect((await read()).confirmed_at.getTime()).toBeGreaterThan(Date.parse('2020-01-01'))
  })
})

describe('close', () => {
  // A transaction that is repeated without end was waited for: SIGTERM in an outage ended nothing.
  test('ends while the database is away, and the next start goes on', async () => {
    const proxy = await startSwitchedProxy(database.url)
    proxy.turn(true)
    const devnet = await node({ chainDir, initialHeight: 50 })
    const warned: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) })
    const processor = await startProcessor(
      {
        databaseUrl: proxy.url,
        rpcEndpoints: [devnet.wsUrl],
        rpcBatchSize: 100,
        rpcTimeoutSeconds: 5,
        finality: { type: 'NODE' },
        headPollMs: 10,
      },
      log,
    )
    await untilHeight(50)
    proxy.turn(false)
    devnet.advance(5)
    const isRetrying = () => warned.filter((line) => line.includes('trying again')).length > 1
    await until(async () => (isRetrying() ? true : null))
    await processor.close()
    await proxy.close()
    await start(devnet.wsUrl)
    await untilHeight(55)
  })
})

describe('a killed processor', () => {
  // Builds what the children run.
  beforeAll(() => execFileSync(process.execPath, ['bin/auto-registry.js', 'help']))

  test('is followed by one that leaves the index as if nothing had happened', async () => {
    const devnet = await node({ chainDir, latencyMs: 20, initialHeight: 0 })
    const timer = setInterval(() => devnet.advance(1), 25)
    for (let kill = 0; kill < 5; kill++) {
      const child = run(devnet.wsUrl)
      await untilHeight((kill + 1) * 40)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const last = run(devnet.wsUrl)
    await untilHeight(282)
    last.kill('SIGTERM')
    expect(await once(last, 'exit')).toEqual([0, null])
    clearInterval(timer)
    const disturbed = await digestOf(client)

    const other = await createTestDatabase()
    await client.end()
    await database.close()
    database = other
    client = new Client({ connectionString: other.url })
    await client.connect()
    await start(devnet.wsUrl)
    await untilHeight(282)
    expect(disturbed).toEqual(await digestOf(client))
  })
})

function run(url: string): ChildProcess {
  return spawn(process.execPath, ['lib/cli/index.js', 'processor'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DATABASE_URL: database.url, RPC_ENDPOINT: url, LOG_LEVEL: 'error' },
  })
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('/metrics of the processor', () => {
  // Tried with `this.certificates` not set back when a batch begins anew: those of the refused batch are counted twice.
  test('counts what was committed, once, though a batch had to be repeated', async () => {
    const metrics = createProcessorMetrics()
    const served = await serveMetrics(metrics, { port: 0, host: '127.0.0.1' })
    try {
      const devnet = await node({ chainDir, initialHeight: 100 })
      await startWith({ onCommitted: metrics.observeBatch }, devnet.url)
      await untilHeight(100)
      await client.query(`
        create sequence tries;
        create function refuse_once() returns trigger language plpgsql as $$ begin
          if nextval('tries') = 1 then raise exception 'once' using errcode = '40001'; end if;
          return new;
        end $$;
        create trigger refuse_once before update on index_status for each row
          when (new.height <> old.height) execute function refuse_once();
        grant all on sequence tries to public`)
      devnet.advance(177)
      await untilHeight(277)
      const { rows } = await client.query(`select (select last_value > 1 from tries) as repeated,
          (select count(*)::int from certificate) as certificates`)
      expect(rows[0].repeated).toBe(true)
      const expected = [
        'auto_registry_processor_blocks_total 278',
        `auto_registry_processor_certificates_total ${rows[0].certificates}`,
      ]
      await until(async () => {
        const text = await (await fetch(served.url)).text()
        return text.includes(expected[0] ?? '') ? text : null
      }).then((text) => expect(text.split('\n')).toEqual(expect.arrayContaining(expected)))
      expect((await fetch(new URL('/other', served.url))).status).toBe(404)
    } finally {
      await served.close()
    }
  })
})
