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
import { createTestDatabase, type TestDatabase } from '../support/postgres'

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
type Sample = {
  autoId: Hex
  issuerId: Hex
  serial: Hex
  name: string
  key: Hex
  certificateId: string
  registrationId: string
  eventId: string
  fingerprint: Hex
  extrinsicHash: Hex
  signer: Hex
  height: number
  hash: Hex
  time: Date
  head: number
}

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
  const { rows } = await client.query<Sample>(
    `select v.auto_id as "autoId", v.issuer_id as "issuerId", v.serial, v.common_name as name,
            v.public_key_sha256 as key, v.certificate_id as "certificateId", v.registration_id as "registrationId",
            v.first_event_id as "eventId", c.fingerprint, e.extrinsic_hash as "extrinsicHash", e.signer,
            b.height, b.id as hash, b.timestamp as time, (select max(height) from block) as head
       from auto_id_version v join certificate c on c.id = v.certificate_id
       join registry_event e on e.id = v.first_event_id join block b on b.height = v.block_from
      where v.block_to is null and v.active and v.issuer_id is not null order by md5(v.auto_id) limit 1`,
  )
  if (rows[0] === undefined) throw new Error('an empty index')
  sample = rows[0]
}, 240_000)

afterAll(async () => {
  await client?.end()
  await database?.close()
})

type Readers = ReturnType<typeof registryReaders>
type Case = (read: Readers, s: Sample) => Promise<unknown>

const page = <Order extends string>(order: Order) =>
  ({ order, limit: 20, backward: false, cursor: null }) as const
const atHead = ({ head }: Sample) => ({ height: head, isHead: true })
const atPast = ({ height }: Sample) => ({ height, isHead: false })
const upTo = ({ head }: Sample) => ({ upTo: head })
const identityFilter = (s: Sample) => ({ ...atHead(s), clock: s.time })
const point = ({ height, hash, time }: Sample) => ({
  height,
  hash,
  timeMs: time.getTime(),
  isFinal: true,
})
const evidenceMoment = (s: Sample) => ({
  state: point(s),
  clockMs: s.time.getTime(),
  knownAt: point(s),
})
const noTerms = {
  text: '',
  hash: null,
  hashPrefix: null,
  serials: [],
  height: null,
  account: null,
  fingerprints: [],
}

const cases: Readonly<Record<string, Case>> = {
  'blocks by height': (read, s) => read.blocks.byHeights([s.height]),
  'blocks by hash': (read, s) => read.blocks.byHashes([s.hash]),
  'the block at a time': (read, s) => read.blocks.lastNotLater(s.time),
  'identities by id': (read, s) => read.identities.byIds([s.autoId], atHead(s)),
  'identities by id, then': (read, s) => read.identities.byIds([s.autoId], atPast(s)),
  'ancestors of an identity': (read, s) => read.identities.ancestors(s.autoId, atHead(s), 64),
  'ancestors of an identity, then': (read, s) => read.identities.ancestors(s.autoId, atPast(s), 64),
  'a page of identities': (read, s) =>
    read.identities.page([null], identityFilter(s), page('REGISTERED_AT_ASC')),
  'a page of identities by expiry': (read, s) =>
    read.identities.page([null], identityFilter(s), page('EXPIRES_AT_ASC')),
  'a page of identities by change': (read, s) =>
    read.identities.page([null], identityFilter(s), page('CHANGED_AT_DESC')),
  'what an issuer issued': (read, s) =>
    read.identities.page([s.issuerId], identityFilter(s), page('REGISTERED_AT_ASC')),
  'what an issuer issued, then': (read, s) =>
    read.identities.page(
      [s.issuerId],
      { ...identityFilter(s), ...atPast(s) },
      page('REGISTERED_AT_ASC'),
    ),
  'identities of a key': (read, s) =>
    read.identities.page(
      [null],
      { ...identityFilter(s), publicKeySha256: s.key },
      page('REGISTERED_AT_ASC'),
    ),
  'identities of a name': (read, s) =>
    read.identities.page(
      [null],
      { ...identityFilter(s), commonNameContains: s.name },
      page('REGISTERED_AT_ASC'),
    ),
  'certificates by id': (read, s) => read.certificates.byIds([s.certificateId]),
  'certificates of registrations': (read, s) =>
    read.certificates.byRegistrations([s.registrationId]),
  'anchors of a proof': (read, s) =>
    read.remarks.page(
      [null],
      { upTo: s.height, remark: s.hash },
      { order: 'OLDEST_FIRST', limit: 1, backward: false, cursor: null },
    ),
  'certificates by fingerprint': (read, s) =>
    read.certificates.byFingerprints([s.fingerprint], s.height),
  'certificates by issuer and serial': (read, s) =>
    read.certificates.byIssuerSerial(s.issuerId, s.serial, s.height),
  'a page of certificates': (read, s) =>
    read.certificates.page([null], atHead(s), page('REGISTERED_AT_DESC')),
  'a page of certificates by expiry': (read, s) =>
    read.certificates.page([null], atHead(s), page('EXPIRES_AT_ASC')),
  'certificates of an identity': (read, s) =>
    read.certificates.page([s.autoId], atHead(s), page('REGISTERED_AT_DESC')),
  'registrations by id': (read, s) => read.registrations.byIds([s.registrationId]),
  'registrations of identities': (read, s) => read.registrations.byAutoIds([s.autoId]),
  'revocations by issuer and serial': (read, s) => read.revocations.byIssuerSerials([s]),
  'the list of an issuer': (read, s) => read.revocations.list(s.issuerId, s.head, 1_000),
  'is it an issuer': (read, s) => read.revocations.isKnownIssuer(s.issuerId, s.head),
  'events by id': (read, s) => read.events.byIds([s.eventId]),
  'a page of events': (read, s) => read.events.page([null], upTo(s), page('NEWEST_FIRST')),
  'events of an identity': (read, s) => read.events.page([s.autoId], upTo(s), page('OLDEST_FIRST')),
  'events of an issuer': (read, s) =>
    read.events.page([null], { ...upTo(s), issuerId: s.issuerId }, page('OLDEST_FIRST')),
  'events of an account': (read, s) =>
    read.events.page([null], { ...upTo(s), signer: s.signer }, page('NEWEST_FIRST')),
  'events of an extrinsic': (read, s) =>
    read.events.page([null], { ...upTo(s), extrinsicHash: s.extrinsicHash }, page('OLDEST_FIRST')),
  'events since a time': (read, s) =>
    read.events.page([null], { ...upTo(s), fromTime: s.time }, page('OLDEST_FIRST')),
  'a page of findings': (read, s) => read.findings.page([null], upTo(s), page('NEWEST_FIRST')),
  'findings of identities': (read, s) => read.findings.byAutoIds([s.autoId]),
  'findings of certificates': (read, s) => read.findings.byCertificates([s.certificateId]),
  'when the chain began': (read) => read.statistics.chainBegin(),
  'figures of one issuer': (read, s) => read.statistics.issuer(s.issuerId, atHead(s), s.time),
  'search by id, hash or fingerprint': (read, s) =>
    read.search({ ...noTerms, hash: s.autoId, fingerprints: [s.fingerprint] }, 20),
  'search by the begin of an id': (read, s) =>
    read.search({ ...noTerms, hashPrefix: s.autoId.slice(0, 12) }, 20),
  'search by serial': (read, s) => read.search({ ...noTerms, serials: [s.serial] }, 20),
  'search by name': (read, s) => read.search({ ...noTerms, text: s.name }, 20),
  'search by the begin of a name': (read, s) =>
    read.search({ ...noTerms, text: s.name.slice(0, 5) }, 20),
  'search by the middle of a name': (read, s) =>
    read.search({ ...noTerms, text: s.name.slice(3) }, 20),
  'search by height': (read, s) => read.search({ ...noTerms, height: s.height }, 20),
  'search by account': (read, s) => read.search({ ...noTerms, account: s.signer }, 20),
  'evidence of an identity': (read, s) =>
    read.evidence(evidenceMoment(s), { autoId: s.autoId } as never),
  'evidence of an identity, and what followed': (read, s) =>
    read.evidence(
      { ...evidenceMoment(s), state: { ...point(s), height: s.height - 1 }, knownAt: point(s) },
      { autoId: s.issuerId } as never,
    ),
  'evidence of a certificate': (read, s) =>
    read.evidence(evidenceMoment(s), {
      autoId: s.autoId,
      certificateId: s.certificateId,
    } as never),
  'the call of a certificate': (read, s) => read.certificateCall(s.autoId, s.head),
}

describe('no question of a client reads a big table whole', () => {
  for (const [name, read] of Object.entries(cases)) {
    test(name, async () => {
      scanned = []
      await read(registryReaders(explaining() as never), sample)
      expect(scanned).toEqual([])
    })
  }
})

type RelyingParty = ReturnType<typeof relyingPartyReaders>
const relyingPartyCases: Readonly<
  Record<string, (read: RelyingParty, s: Sample) => Promise<unknown>>
> = {
  'the head': (read) => read.readHead(),
  'certificates of OCSP requests': (read, s) => read.findIssued([s.serial]),
  'a path now': (read, s) => read.readPath(s.autoId, null),
  'a path at a block': (read, s) => read.readPath(s.autoId, { block: s.height }),
  'a path at a time': (read, s) => read.readPath(s.autoId, { timeMs: s.time.getTime() }),
  'the version of a CRL': (read, s) => read.readCrlVersion(s.issuerId),
  'the entries of a CRL': (read, s) =>
    read.withCrl(s.issuerId, async ({ rows }) => {
      for await (const batch of rows()) expect(batch.length).toBeGreaterThan(0)
    }),
  'a page of the status list': (read) => read.readStatusListPage(2_000, 100),
}

describe('no question of a relying party reads a big table whole', () => {
  for (const [name, read] of Object.entries(relyingPartyCases)) {
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

type Analyzed = {
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Relation Name'?: string
  readonly Plans?: readonly Analyzed[]
}

/** Rows that were read from a table, the same row as often as it was read. */
function rowsRead(plan: Analyzed, table: string): number {
  const rows = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)
  const own = plan['Relation Name'] === table ? rows * plan['Actual Loops'] : 0
  return (plan.Plans ?? []).reduce((sum, child) => sum + rowsRead(child, table), own)
}

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
      const explained = await writer.query(`explain (analyze, format json) ${text}`, values)
      read += rowsRead(explained.rows[0]['QUERY PLAN'][0].Plan, 'auto_id_version')
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
  const plans: Analyzed[] = []
  const query = async ({ text, values }: { text: string; values: unknown[] }) => {
    if (text.includes('where public_key_sha256')) {
      const explained = await writer.query(`explain (analyze, format json) ${text}`, values)
      plans.push(explained.rows[0]['QUERY PLAN'][0].Plan)
    }
    return writer.query(text, values)
  }
  const { autoId } = sample
  await registryReaders({ query } as never).evidence(evidenceMoment(sample) as never, { autoId })
  await writer.query('rollback')
  await writer.end()
  expect(plans).toHaveLength(1)
  // One more than are told, and the ended and inactive ones between them.
  expect(rowsRead(plans[0] as Analyzed, 'auto_id_version')).toBeLessThanOrEqual(200)
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
