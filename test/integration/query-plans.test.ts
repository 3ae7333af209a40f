/** How statements are planned once tables are large: those of clients, and those that write. */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from '../../src/bytes'
import { noKeys } from '../../src/registry/working-set'
import { loadContext } from '../../src/store/load'
import { readIndexEntries } from '../../src/store/read/audit'
import type { ReadPool } from '../../src/store/read/fallback'
import { registryReaders } from '../../src/store/read/readers'
import { relyingPartyReaders } from '../../src/store/read/relying-party-readers'
import { writeRows } from '../../src/store/write'
import { writerSettings } from '../../src/store/writer-session'
import { multiplyIndex } from '../bench/multiply-index'
import { loadIndex, planOf } from '../bench/pg-load'
import {
  clientQuestions,
  evidenceMoment,
  relyingPartyQuestions,
  type Sample,
  sampleOf,
} from '../support/named-questions'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { rowsOf } from '../support/rows-read'

/** Read whole by no question of a client: they grow with the registry. */
const BIG = [
  'advisory',
  'auto_id_version',
  'block',
  'certificate',
  'issued_serial',
  'registration',
  'registry_event',
  'revocation',
]

type Plan = { readonly 'Node Type': string; readonly 'Relation Name'?: string; Plans?: Plan[] }

let database: TestDatabase
let client: pg.Client
let sample: Sample
/** Tables that the last reads went through whole. */
let scanned: string[] = []

/** Each statement is planned by Postgres itself, with its parameters, before it runs. */
function explaining(): ReadPool {
  const query = async (first: string | { text: string; values?: unknown[] }, more?: unknown[]) => {
    const { text, values = more ?? [] } = typeof first === 'string' ? { text: first } : first
    if (/^\s*(?:select|with|declare)/i.test(text)) {
      const explained = await client.query(`explain (format json) ${text}`, values)
      for (const { Plan: plan } of explained.rows[0]['QUERY PLAN']) collect(plan)
    }
    return client.query(text, values)
  }
  const lent = { query, release: () => undefined }
  return { query, connect: async () => lent } as unknown as ReadPool
}

function collect(plan: Plan): void {
  const table = plan['Relation Name']
  if (plan['Node Type'] === 'Seq Scan' && table !== undefined && BIG.includes(table)) {
    scanned.push(table)
  }
  for (const child of plan.Plans ?? []) collect(child)
}

beforeAll(async () => {
  database = await createTestDatabase()
  await loadIndex(database.url, planOf(150))
  await multiplyIndex(database.url, 80)
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  // The tables are a hundredth of what they become: reading one whole to join by hash pays only here.
  await client.query('set enable_hashjoin = off; set enable_mergejoin = off')
  sample = await sampleOf(client)
}, 240_000)

afterAll(async () => {
  await client?.end()
  await database?.close()
})

describe('no question of a client reads a big table whole', () => {
  for (const [name, read] of Object.entries(clientQuestions)) {
    test(name, async () => {
      scanned = []
      await read(registryReaders(explaining() as never), sample)
      expect(scanned).toEqual([])
    })
  }
})

describe('no question of a relying party reads a big table whole', () => {
  for (const [name, read] of Object.entries(relyingPartyQuestions)) {
    test(name, async () => {
      scanned = []
      await read(relyingPartyReaders(explaining()), sample)
      expect(scanned).toEqual([])
    })
  }
})

test('a scan would be seen: figures over everything do read a table whole', async () => {
  scanned = []
  await registryReaders(explaining() as never).statistics.findings()
  expect(scanned).toEqual(['advisory'])
})

test('what an audit compares is read by identifier, of any block', async () => {
  scanned = []
  const range = { after: sample.autoId.slice(0, 6), upTo: sample.autoId } as never
  for await (const _ of readIndexEntries(explaining() as never, sample.height, range)) break
  expect(scanned).toEqual([])
})

/** A writing session whose work is undone, and how many rows of `auto_id_version` its statements read. */
async function explainWriter(
  work: (client: pg.ClientBase, writer: pg.Client) => Promise<void>,
): Promise<number> {
  const writer = new pg.Client({ connectionString: database.url, options: writerSettings })
  await writer.connect()
  let read = 0
  const explaining = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => {
      // What is explained is done once more below: an update twice is the same update.
      read += await rowsOf(writer, text, values, 'auto_id_version')
      return writer.query(text, values)
    },
  } as unknown as pg.ClientBase
  await writer.query('begin')
  await work(explaining, writer)
  await writer.query('rollback')
  await writer.end()
  return read
}

test('a growing index has no statistics: what a batch looks at is read row by row all the same', async () => {
  // As many as a block or two name: for one alone the planner finds the right way by itself.
  const { rows } = await client.query<{ id: Hex }>(
    'select auto_id as id from auto_id_version where block_to is null order by md5(auto_id) limit 12',
  )
  const autoIds = new Set([sample.autoId, ...rows.map(({ id }) => id)])
  let loaded = new Set<Hex>() as ReadonlySet<Hex>
  const read = await explainWriter(async (explaining, writer) => {
    await writer.query('delete from pg_statistic')
    loaded = (await loadContext(explaining, { ...noKeys(), autoIds, counted: autoIds })).autoIds
  })
  expect(loaded).toContain(sample.issuerId)
  // Once for its row, and on the way up once for each depth it was reached at.
  expect(read).toBeLessThanOrEqual(5 * loaded.size)
})

test('who else holds a key is read in order from its index, however many hold it', async () => {
  const { key } = sample
  const writer = new pg.Client({ connectionString: database.url })
  await writer.connect()
  await writer.query('begin')
  await writer.query(
    "update auto_id_version set public_key_sha256 = $1 where right(auto_id, 1) = '0'",
    [key],
  )
  await writer.query('analyze auto_id_version')
  const reads: number[] = []
  const query = async ({ text, values }: { text: string; values: unknown[] }) => {
    if (text.includes('where public_key_sha256')) {
      reads.push(await rowsOf(writer, text, values, 'auto_id_version'))
    }
    return writer.query(text, values)
  }
  const { autoId } = sample
  await registryReaders({ query } as never).evidence(evidenceMoment(sample) as never, { autoId })
  await writer.query('rollback')
  await writer.end()
  expect(reads).toHaveLength(1)
  // One more than are told, and the ended and inactive ones between them.
  expect(reads[0]).toBeLessThanOrEqual(200)
})

test('a batch that ends the rows of 600 identifiers reads no other row', async () => {
  const { rows } = await client.query<{ autoId: Hex }>(
    'select auto_id as "autoId" from auto_id_version where block_to is null order by md5(auto_id) limit 600',
  )
  expect(rows).toHaveLength(600)
  const ended = rows.map(({ autoId }) => ({ autoId, blockTo: sample.head + 1 }))
  const read = await explainWriter(async (explaining) => {
    await writeRows(explaining, {
      inserts: new Map(),
      endedVersions: ended,
      endedSerials: [],
      endedCertificates: [],
      endedRegistrations: [],
    })
  })
  // The update's own node stands for none.
  expect(read).toBeLessThanOrEqual(600)
})
