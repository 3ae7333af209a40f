/** The audit over a really indexed chain, and evidence bundles made from it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { auditEvents } from '../../src/audit-events'
import { auditOnce, startBackgroundAudit } from '../../src/background-audit'
import { concatBytes, fromHex, toHex } from '../../src/bytes'
import { inSnapshot } from '../../src/cli/audit'
import { describeReport } from '../../src/cli/verify-bundle'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { writeChain } from '../../src/devnet/maker/write-chain'
import { AppError } from '../../src/errors'
import { startProcessor } from '../../src/main'
import { auditIndex, auditSample } from '../../src/node/audit'
import { collectBundle } from '../../src/node/collect-bundle'
import { connectNode, type NodeRpc } from '../../src/node/rpc'
import { type EvidenceBundle, verifyBundle } from '../../src/proof/bundle'
import { findCalls } from '../../src/proof/bundle-call'
import { parseBundle } from '../../src/proof/bundle-format'
import { readFinalBlock } from '../../src/store/audit-runs'
import { readIndexEntries, readIndexEvents, readIndexLists } from '../../src/store/read/audit'
import { readCertificateCall } from '../../src/store/read/certificate-call'
import { bytes } from '../support/call-bytes'
import {
  bare,
  eventRecord,
  type Forged,
  forge,
  PALLET,
  registerCall,
} from '../support/forged-block'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { recordedBlocks } from '../support/recorded'

const story = JSON.parse(readFileSync('chains/dev/story.json', 'utf8')) as Record<string, string>
const agent = story['agent'] as string
const blocks = recordedBlocks()
const INCLUSION = new Set([
  'call-in-block',
  'call-carries-certificate',
  'events-complete',
  'event-emitted',
  'blocks-agree',
])
type Invented = Forged & { readonly call: Uint8Array; readonly bundle: EvidenceBundle }
const log = pino({ level: 'silent' })

function blockAt(height: number) {
  const block = blocks.find((b) => b.number === height && b.branch === 'canonical')
  if (!block) throw new Error(`no block ${height}`)
  return { height, hash: block.hash }
}

let database: TestDatabase
let pool: pg.Pool
let devnet: Devnet
let rpc: NodeRpc
beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  pool = new pg.Pool({ connectionString: database.url })
  devnet = await startDevnet({ chainDir: 'chains/dev' })
  rpc = connectNode({ endpoints: [devnet.url], timeoutMs: 5_000 })
})
afterAll(async () => {
  rpc.close()
  await devnet.close()
  await pool.end()
  await database.close()
})

const index = {
  entries: (height: number, range: Parameters<typeof readIndexEntries>[2]) =>
    readIndexEntries(pool, height, range),
  lists: (height: number, range: Parameters<typeof readIndexLists>[2]) =>
    readIndexLists(pool, height, range),
}

describe('the audit', () => {
  it.each([0, 46, 92, 93, 126, 139, 149, 205, 228, 266, 282])(
    'finds no difference at block %i',
    async (height) => {
      const report = await auditIndex(rpc, blockAt(height), index)
      expect(report.differences).toEqual([])
      expect(report.complete).toBe(true)
    },
  )

  it('compares a part of the identifiers, and says that it did', async () => {
    const whole = await auditIndex(rpc, blockAt(266), index)
    const part = await auditSample(rpc, blockAt(266), index, `0x${'80'.repeat(32)}`, 20)
    expect(part.differences).toEqual([])
    expect(part.complete).toBe(false)
    expect(part.checked).toBeGreaterThanOrEqual(20)
    expect(part.checked).toBeLessThan(whole.checked)
  })

  // In `read committed` the later change shows as a difference.
  it('on demand sees one state of the index, whatever is written meanwhile', async () => {
    const set = (nonce: string) =>
      pool.query(
        `update auto_id_version set nonce = nonce ${nonce} where auto_id = $1 and block_from <= 278 and (block_to is null or block_to > 278)`,
        [agent],
      )
    const report = await inSnapshot(pool, async (db) => {
      await db.query('select 1 from index_status')
      await set('+ 1')
      return auditIndex(rpc, blockAt(278), {
        entries: (height, range) => readIndexEntries(db, height, range),
        lists: (height, range) => readIndexLists(db, height, range),
      })
    })
    expect(report.differences).toEqual([])
    const now = await inSnapshot(pool, (db) =>
      auditIndex(rpc, blockAt(278), {
        entries: (height, range) => readIndexEntries(db, height, range),
        lists: (height, range) => readIndexLists(db, height, range),
      }),
    )
    expect(now.differences.map(({ field }) => field)).toEqual(['nonce'])
    await set('- 1')
  })

  // With a timer of its own each tick, ten audits ran at once, and `close` waited for the last of them.
  it('in the background never overlaps itself, goes on after one, and close waits for it', async () => {
    vi.useFakeTimers()
    const answers: (() => void)[] = []
    const slow = {
      query: () => new Promise((resolve) => answers.push(() => resolve({ rows: [] }))),
    } as unknown as pg.Pool
    const settings = { endpoints: [devnet.url], timeoutMs: 1_000, sampleSize: 10 }
    const audit = startBackgroundAudit(slow, { ...settings, intervalMs: 1_000 }, log)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(answers).toHaveLength(1)
    answers[0]?.()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(answers).toHaveLength(2)
    let isClosed = false
    const closed = audit.close().then(() => {
      isClosed = true
    })
    await vi.advanceTimersByTimeAsync(10_000)
    expect([isClosed, answers.length]).toEqual([false, 2])
    answers[1]?.()
    await closed
    await vi.advanceTimersByTimeAsync(10_000)
    expect(answers).toHaveLength(2)
    vi.useRealTimers()
  })

  // Without `nonce` in `compareEntries` this finds nothing.
  it('finds a row that was changed behind its back, keeps the result, and is clean after', async () => {
    await pool.query(
      `update auto_id_version set nonce = nonce + 1 where auto_id = $1 and block_from <= 278 and (block_to is null or block_to > 278)`,
      [agent],
    )
    const report = await auditOnce(pool, rpc, 10_000, log)
    expect(report?.differences.map((d) => [d.autoId, d.field])).toEqual([[agent, 'nonce']])
    await pool.query(
      `update auto_id_version set nonce = nonce - 1 where auto_id = $1 and block_from <= 278 and (block_to is null or block_to > 278)`,
      [agent],
    )
    expect((await auditOnce(pool, rpc, 10_000, log))?.differences).toEqual([])
    const { rows } = await pool.query(
      'select block, complete, jsonb_array_length(differences) as n from audit_run order by finished_at',
    )
    expect(rows).toEqual([
      { block: 278, complete: true, n: 1 },
      { block: 278, complete: true, n: 0 },
    ])
  })
})

describe('the audit against a node that serves a made chain', () => {
  // Tried with the node answering as if its registry were empty: every entry of the index is a difference.
  it('cannot be run, which is no result: neither differences nor agreement', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'made-chain-'))
    const load = () => ({ roots: 1, leaves: 2, revocations: 1 })
    const plan = { name: 'small', seed: 1, blocks: 12, keys: 8, load }
    await writeChain(plan, directory, 'chains/dev')
    const node = await startDevnet({ chainDir: directory })
    const made = await createTestDatabase()
    const madePool = new pg.Pool({ connectionString: made.url })
    const asked = connectNode({ endpoints: [node.url], timeoutMs: 5_000 })
    const processor = await startProcessor(
      {
        databaseUrl: made.url,
        rpcEndpoints: [node.url],
        rpcBatchSize: 50,
        rpcTimeoutSeconds: 5,
        finality: { type: 'NODE' },
        headPollMs: 10,
      },
      log,
    )
    try {
      await vi.waitUntil(async () => (await readFinalBlock(madePool))?.height === 12, 30_000)
      const { rows } = await madePool.query(
        'select count(*)::int as entries from auto_id_version where block_to is null',
      )
      expect(rows[0].entries).toBeGreaterThan(12)
      await expect(auditOnce(madePool, asked, 10_000, log)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('State already discarded'),
      })
      expect((await madePool.query('select 1 from audit_run')).rows).toEqual([])
    } finally {
      await processor.close()
      asked.close()
      await madePool.end()
      await made.close()
      await node.close()
      rmSync(directory, { recursive: true })
    }
  })
})

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
    const set = (nonce: string) =>
      pool.query(
        `update auto_id_version set nonce = nonce ${nonce} where auto_id = $1 and block_from <= 278 and (block_to is null or block_to > 278)`,
        [agent],
      )
    await set('+ 1')
    const report = await audit()
    await set('- 1')
    expect(report?.differences.map(({ field }) => field)).toEqual(['nonce'])
    expect(await runs()).toBe(before + 1)
  })
})

describe('evidence bundles', () => {
  const bundleAt = (height: number, autoId = agent) =>
    collectBundle(
      rpc,
      (id, at) => readCertificateCall(pool, id, at),
      blocks[0]?.hash ?? '',
      blockAt(height),
      autoId,
    )

  it('block 275: the agent’s bundle survives being a file and holds offline, in every check', async () => {
    const parsed = parseBundle(JSON.stringify(await bundleAt(275)))
    if (!parsed.ok) throw new Error(parsed.message)
    const report = verifyBundle(parsed.bundle)
    expect(report.checks.filter((check) => !check.ok)).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.hops.map((hop) => [hop.autoId, hop.revoked])).toEqual([
      [agent, false],
      [story['person'], false],
      [story['organisation'], false],
    ])
    expect(report.certificates).toHaveLength(3)
  })

  it('block 278: the bundle holds and proves the revocation', async () => {
    const report = verifyBundle(await bundleAt(278))
    expect([report.ok, report.hops[0]?.revoked]).toEqual([true, true])
  })

  it('block 192: an algorithm as the SDK sends it, Ed25519 with NULL parameters, is that of the certificate', async () => {
    const { rows } = await pool.query<{ autoId: string }>(
      'select auto_id as "autoId" from registry_event where block = 192',
    )
    const bundle = await bundleAt(192, rows[0]?.autoId)
    const [first, ...rest] = bundle.certificates
    if (!first) throw new Error('no certificate')
    expect(first.signatureAlgorithm).toBe('0x300706032b65700500')
    const report = verifyBundle(bundle)
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(report.ok).toBe(true)
    const forged = { ...first, signature: `${first.signature.slice(0, -2)}00` }
    const refused = verifyBundle({ ...bundle, certificates: [forged, ...rest] })
    const signature = refused.checks.find(({ name }) => name.endsWith('signature'))
    expect([refused.ok, signature?.ok]).toEqual([false, false])
  })

  it('any part changed is a failed check, never a good bundle', async () => {
    const bundle = await bundleAt(275)
    const [first, ...rest] = bundle.certificates
    if (!first) throw new Error('no certificate')
    const flip = (hex: string) => hex.slice(0, -2) + (hex.endsWith('00') ? '01' : '00')
    const changed: EvidenceBundle[] = [
      { ...bundle, autoId: story['person'] as string },
      { ...bundle, certificates: rest },
      { ...bundle, certificates: [{ ...first, signature: flip(first.signature) }, ...rest] },
      { ...bundle, certificates: [{ ...first, tbs: flip(first.tbs) }, ...rest] },
      { ...bundle, state: { ...bundle.state, nodes: bundle.state.nodes.slice(1) } },
      {
        ...bundle,
        certificates: [
          { ...first, block: { ...first.block, nodes: first.block.nodes.slice(1) } },
          ...rest,
        ],
      },
      {
        ...bundle,
        certificates: [
          {
            ...first,
            extrinsic: { ...first.extrinsic, extrinsic: flip(first.extrinsic.extrinsic) },
          },
          ...rest,
        ],
      },
    ]
    for (const one of changed) expect(verifyBundle(one).ok).toBe(false)
  })

  it('rests on the block of its state and of every call, each named with height and hash', async () => {
    const bundle = await bundleAt(275)
    const report = verifyBundle(bundle)
    const named = [bundle.state, ...bundle.certificates.map(({ block }) => block)]
    expect(report.restsOn.map(({ height, hash }) => [height, hash])).toEqual(
      named.map(({ header, blockHash }) => [header.number, blockHash]),
    )
    const printed = describeReport(report).join('\n')
    for (const { header, blockHash } of named) {
      expect(printed).toContain(`block ${header.number} ${blockHash}`)
    }
    expect(printed).toContain(`genesis ${bundle.genesisHash}: not proved`)
  })

  it('block by block: a child names its parent, which then needs no comparison of its own', async () => {
    const { state, certificates } = await bundleAt(275)
    const height = certificates[0]?.block.header.number ?? 0
    const at = (await bundleAt(height + 1)).state
    const report = verifyBundle({ ...(await bundleAt(height + 1)), state: at })
    expect(report.restsOn.slice(0, 2).map(({ parentOf }) => parentOf)).toEqual([null, at.blockHash])
    expect(verifyBundle(await bundleAt(275)).restsOn[1]?.parentOf).toBe(null)
    expect(state.header.number).toBe(275)
  })

  describe('with a block that was made up', () => {
    const inventing = async (change: (honest: Invented) => Partial<Invented>, at = 275) => {
      const bundle = await bundleAt(at)
      const [first, ...rest] = bundle.certificates
      if (!first) throw new Error('no certificate')
      const call = registerCall(first, story['person'] as string)
      const honest: Invented = {
        number: 270,
        parentHash: `0x${'11'.repeat(32)}`,
        extrinsics: [bare(Uint8Array.of(0)), bare(call)],
        events: [eventRecord(1, 0, agent)],
        call,
        bundle,
      }
      const forged = forge(first, { ...honest, ...change(honest) })
      return { forged, report: verifyBundle({ ...bundle, certificates: [forged, ...rest] }) }
    }
    const failed = ({ report }: Awaited<ReturnType<typeof inventing>>) =>
      report.checks.flatMap(({ name, ok }) => (ok ? [] : [name]))

    it('no check can tell, and the invented block is the one to compare', async () => {
      const { forged, report } = await inventing(() => ({}))
      expect(report.ok).toBe(true)
      expect(report.restsOn[1]).toEqual({
        height: 270,
        hash: forged.block.blockHash,
        parentOf: null,
      })
      expect(describeReport(report).join('\n')).toContain(
        `PROVIDED that these blocks are on the chain:\n     block 275 ${report.blockHash} state\n     block 270 ${forged.block.blockHash} call`,
      )
    })

    it('above the state, beside it, or not below it where it would have to be: refused', async () => {
      expect(failed(await inventing(() => ({ number: 276 })))).toEqual(['blocks-agree'])
      expect(failed(await inventing(() => ({ number: 275 })))).toEqual(['blocks-agree'])
      expect(failed(await inventing(() => ({ number: 274 })))).toEqual(['blocks-agree'])
    })

    it('on another genesis than the bundle says: refused', async () => {
      const first = { number: 1 }
      const onGenesis = ({ bundle }: Invented) => ({ ...first, parentHash: bundle.genesisHash })
      expect(failed(await inventing(onGenesis))).toEqual([])
      expect(failed(await inventing(() => first))).toEqual(['blocks-agree'])
    })

    it('TBS and signature in a remark, half a byte off, or under another issuer are no call', async () => {
      const remarked = ({ call }: Invented) => ({
        extrinsics: [
          bare(Uint8Array.of(0)),
          bare(concatBytes(Uint8Array.of(0, 0), bytes(call.subarray(36)))),
        ],
      })
      const shifted = ({ call }: Invented) => ({
        extrinsics: [bare(Uint8Array.of(0)), bare(fromHex(`0x0${toHex(call).slice(2)}0`))],
      })
      const other = ({ call }: Invented) => ({
        extrinsics: [
          bare(Uint8Array.of(0)),
          bare(concatBytes(call.subarray(0, 4), fromHex(agent), call.subarray(36))),
        ],
      })
      for (const change of [remarked, shifted, other]) {
        expect(failed(await inventing(change))).toEqual([
          'call-carries-certificate',
          'event-emitted',
        ])
      }
    })

    it('an event of another extrinsic, kind, pallet or identifier is not that of the call', async () => {
      const otherPallet = eventRecord(1, 0, agent)
      otherPallet[5] = PALLET + 1
      for (const record of [
        eventRecord(0, 0, agent),
        eventRecord(1, 1, agent),
        eventRecord(1, 3, agent),
        eventRecord(1, 0, story['person'] as string),
        otherPallet,
      ]) {
        expect(failed(await inventing(() => ({ events: [record] })))).toEqual(['event-emitted'])
      }
    })
  })

  it('holds for identities that came by a registration and by a renewal', async () => {
    const { rows } = await pool.query<{ auto_id: string }>(
      `select auto_id from (
         select v.auto_id, row_number() over (partition by e.kind order by v.auto_id) as place
           from auto_id_version v join registry_event e on e.id = v.certificate_id
          where v.active and v.block_from <= 282 and (v.block_to is null or v.block_to > 282)) one
        where place <= 12`,
    )
    const kinds = new Set<number>()
    for (const { auto_id } of rows) {
      const bundle = await bundleAt(282, auto_id).catch((error: AppError) => error)
      if (bundle instanceof AppError) {
        expect(bundle.code).toBe('NOT_FOUND')
        continue
      }
      const inclusion = verifyBundle(bundle).checks.filter(({ name }) => INCLUSION.has(name))
      expect(inclusion.filter(({ ok }) => !ok)).toEqual([])
      for (const { tbs, signatureAlgorithm, signature, extrinsic, autoId } of bundle.certificates) {
        const issuerId =
          verifyBundle(bundle).hops.find((hop) => hop.autoId === autoId)?.entry?.issuerId ?? null
        const content = { autoId, issuerId, tbs, signatureAlgorithm, signature }
        for (const { event } of findCalls(fromHex(extrinsic.extrinsic), content)) kinds.add(event)
      }
    }
    expect([...kinds].sort()).toEqual([0, 3])
  })

  it('an identity that is not registered has no bundle', async () => {
    await expect(bundleAt(100)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('text that is no bundle is refused by what is wrong with it', () => {
    expect(parseBundle('nope')).toMatchObject({ ok: false, message: 'no JSON' })
    expect(parseBundle('{}')).toMatchObject({ ok: false })
    const shape = { format: 'auto-registry-evidence', version: 1, genesisHash: '0x', autoId: 'zz' }
    expect(parseBundle(JSON.stringify(shape))).toMatchObject({
      ok: false,
      message: 'no evidence bundle: autoId: not hex',
    })
  })
})
