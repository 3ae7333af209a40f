/** A chain that is another one in everything a runtime may choose, followed over sockets and compared with the model it was made from. */

import { Client } from 'pg'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Hex, serialToHex, toHex } from '../../src/bytes'
import { Runtime } from '../../src/chain/runtime'
import { LAST_UPGRADE_KEY } from '../../src/chain/runtimes'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { type BlockLoad, ChainMaker, type MadeRuntime } from '../../src/devnet/maker/chain-maker'
import { emptyGenesis } from '../../src/devnet/maker/write-chain'
import type { RecordedBlock } from '../../src/devnet/recorded-block'
import { readRecording } from '../../src/devnet/recording'
import { type RunningProcessor, startProcessor } from '../../src/main'
import { encodeCompact } from '../../src/proof/compact'
import { AUTO_IDS_PREFIX, REVOCATION_LIST_PREFIX } from '../../src/proof/registry-storage'
import { CallBytes } from '../support/call-bytes'
import { movedRuntime } from '../support/moved-runtime'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { DEV_CHAIN, loadRecordedChain } from '../support/recorded-chain'
import { byPlace, type ExpectedCall, expectedRow, TreeBlocks } from '../support/tree-blocks'

const dev = readRecording(DEV_CHAIN)
const SS58 = 2_254
/** Upgrades by the block that holds them: pallet, event layout and length of segments each time others. */
const FIRST: MadeRuntime = { specVersion: 11, autoIdPallet: 7, segmentLength: 0 }
const UPGRADES: Readonly<Record<number, MadeRuntime>> = {
  9: { specVersion: 12, autoIdPallet: 200, segmentLength: 3 },
  17: { specVersion: 13, autoIdPallet: 40, segmentLength: 250 },
  18: { specVersion: 14, autoIdPallet: 41, segmentLength: 1 },
  25: { specVersion: 15, autoIdPallet: 7, segmentLength: 0 },
  33: { specVersion: 16, autoIdPallet: 99, segmentLength: 7 },
}
const BLOCKS = 40

let database: TestDatabase
let client: Client
let devnet: Devnet | undefined
let processor: RunningProcessor | undefined

beforeEach(async () => {
  database = await createTestDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
})
afterEach(async () => {
  await processor?.close()
  await devnet?.close()
  await client.end()
  await database.close()
})

/** Every entry and list of the recorded chain's head: where this chain begins. */
function inherited(): [Hex, Hex][] {
  const { tree, blocks } = loadRecordedChain()
  const head = blocks.find((b) => b.number === 282 && b.branch === 'canonical')
  const at = head === undefined ? undefined : tree.get(head.hash)
  if (at === undefined) throw new Error('no head')
  return [AUTO_IDS_PREFIX, REVOCATION_LIST_PREFIX].flatMap((prefix) =>
    tree
      .keysAt(at, prefix, 10_000, null)
      .map((key): [Hex, Hex] => [key, tree.valueAt(at, key) ?? '0x']),
  )
}

/** `System.LastRuntimeUpgrade`, as the first block of a runtime writes it. */
function withUpgrade(block: RecordedBlock, specVersion: number): RecordedBlock {
  const info = Buffer.from([...encodeCompact(specVersion), dev.specName.length << 2])
  const value = toHex(Buffer.concat([info, Buffer.from(dev.specName)]))
  return { ...block, storageDiff: [...block.storageDiff, [LAST_UPGRADE_KEY, value]] }
}

type Row = {
  autoId: Hex
  serial: string
  nonce: string
  active: boolean
  issuerId: Hex | null
  revoked: boolean
}

const recordedRuntimes = runtimes()

const callBytes = (specVersion: number) => {
  const metadata = recordedRuntimes.get(specVersion)?.metadata ?? '0x'
  return new CallBytes(new Runtime(dev.specName, specVersion, metadata))
}

function make() {
  const storage = inherited()
  const genesis: RecordedBlock = withUpgrade(
    { ...emptyGenesis(), specVersionAfter: FIRST.specVersion, storageDiff: storage },
    FIRST.specVersion,
  )
  const maker = new ChainMaker({
    seed: 91,
    label: 'moved',
    keys: 24,
    genesis,
    specVersion: FIRST.specVersion,
    runtime: FIRST,
    startMs: Date.UTC(2027, 2, 3),
    blockTimeMs: 6_000,
  })
  const trees = new TreeBlocks(7, 'tree')
  const states: Row[][] = [[]]
  const wrapped: ExpectedCall[][] = [[]]
  const blocks = [genesis]
  let executing = FIRST.specVersion
  for (let height = 1; height <= BLOCKS; height++) {
    const upgrade = UPGRADES[height]
    const made = maker.nextBlock(loadOf(height), upgrade, (extrinsics, events, now) => {
      const more = trees.next(callBytes(executing), 4, { extrinsics, events }, now)
      wrapped.push([...more.calls])
      return more
    })
    const isFirst = UPGRADES[height - 1] !== undefined
    blocks.push(isFirst ? withUpgrade(made, executing) : made)
    executing = upgrade?.specVersion ?? executing
    const direct = maker.model.identities.map(
      ({ autoId, serial, nonce, active, revoked, issuer }) => ({
        autoId,
        serial: serialToHex(serial),
        nonce: String(nonce),
        active,
        revoked,
        issuerId: issuer?.autoId ?? null,
      }),
    )
    states.push([...direct, ...rowsOf(trees)])
  }
  return {
    blocks,
    states,
    wrapped,
    direct: new Set(maker.model.identities.map(({ autoId }) => autoId)),
    inheritedEntries: storage.filter(([k]) => k.startsWith(AUTO_IDS_PREFIX)).length,
  }
}

/** Identities that no wrapped call was left with are not told apart from those that never were. */
function rowsOf({ state }: TreeBlocks): Row[] {
  return [...state.entries].map(([autoId, { issuerId, serial, nonce }]) => ({
    autoId,
    serial: serialToHex(serial),
    nonce: String(nonce),
    active: true,
    revoked: state.isRevoked(issuerId ?? autoId, serial),
    issuerId,
  }))
}

function loadOf(height: number): BlockLoad {
  if (height === 1) return { roots: 3 }
  return {
    leaves: height % 7 === 0 ? 60 : 4,
    issuers: 1,
    underNewest: height % 2 === 0,
    renewals: 2,
    revocations: 1,
    deactivations: height % 3 === 0 ? 1 : 0,
  }
}

function runtimes() {
  const base = dev.runtimes.get(2)
  if (base === undefined) throw new Error('no runtime 2')
  return new Map(
    [FIRST, ...Object.values(UPGRADES)].map(({ specVersion, autoIdPallet = 40, segmentLength }) => [
      specVersion,
      movedRuntime(base, {
        specVersion,
        autoIdPallet,
        ss58Prefix: SS58,
        hasSegments: segmentLength !== 0,
      }),
    ]),
  )
}

/** @param inTrees identifiers that calls in trees were about: of these only what the pallet still holds is compared */
async function stateAt(
  height: number,
  direct: ReadonlySet<Hex>,
  inTrees: ReadonlySet<Hex>,
): Promise<Row[]> {
  const { rows } = await client.query<Row>(
    `select auto_id as "autoId", serial::text, nonce::text, active, issuer_id as "issuerId",
            exists (select from revocation r where r.block <= $1 and r.serial = v.serial
                     and r.issuer_id = coalesce(v.issuer_id, v.auto_id)) as revoked
       from auto_id_version v where block_from <= $1 and (block_to is null or block_to > $1)`,
    [height],
  )
  return rows.filter(({ autoId, active }) => direct.has(autoId) || (active && inTrees.has(autoId)))
}

type FoundCall = { extrinsicIndex: number; callPath: string; status: string }

/** What the index says of the calls of this block's trees; of the maker's own, which all succeed, the failed ones. */
async function wrappedCalls(height: number, expected: readonly ExpectedCall[]) {
  const { rows } = await client.query<FoundCall>(
    `select extrinsic_index as "extrinsicIndex", call_path as "callPath", wrappers, 'APPLIED' as status,
            null as error, false as derived, auto_id as "autoId", event_index as "eventIndex",
            case kind when 'REGISTERED' then 'REGISTER' when 'RENEWED' then 'RENEW'
                      when 'REVOKED' then 'REVOKE' else 'DEACTIVATE' end as kind
       from registry_event where block = $1
     union all
     select extrinsic_index, call_path, wrappers, status, error, derived, auto_id, null, call
       from failed_call where block = $1`,
    [height],
  )
  const first = Math.min(...expected.map(({ extrinsicIndex }) => extrinsicIndex))
  return rows
    .filter(({ extrinsicIndex, status }) => extrinsicIndex >= first || status !== 'APPLIED')
    .sort(byPlace)
}

const byId = (a: Row, b: Row) => (a.autoId < b.autoId ? -1 : 1)

test.each(['ws', 'http'] as const)(
  'a chain whose AutoId pallet, event layout and segments move with five upgrades is indexed as it was made, wrapped calls too, over %s',
  async (transport) => {
    const { blocks, states, wrapped, direct, inheritedEntries } = make()
    const inTrees = new Set(
      wrapped.flat().flatMap(({ fate }) => (fate.status === 'APPLIED' ? [fate.autoId] : [])),
    )
    expect(inTrees.size).toBeGreaterThan(20)
    const properties = { ...dev.properties, ss58Format: SS58 }
    const chain = {
      ...dev,
      name: 'moved',
      properties,
      runtimes: recordedRuntimes,
      blocks,
      finalizedHeight: 30,
    }
    devnet = await startDevnet({ chain })
    processor = await startProcessor(
      {
        databaseUrl: database.url,
        rpcEndpoints: [transport === 'ws' ? devnet.wsUrl : devnet.url],
        rpcBatchSize: 50,
        rpcTimeoutSeconds: 5,
        finality: { type: 'NODE' },
        headPollMs: 10,
      },
      pino({ level: 'silent' }),
    )
    for (;;) {
      const { rows } = await client.query('select height from index_status')
      if (rows[0]?.height === BLOCKS) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    for (const [height, expected] of states.entries()) {
      const found = await stateAt(height, direct, inTrees)
      expect(found.sort(byId), `block ${height}`).toEqual([...expected].sort(byId))
      const calls = wrapped[height] ?? []
      const rows = [...calls].sort(byPlace).map(expectedRow)
      expect(await wrappedCalls(height, calls), `block ${height}`).toEqual(rows)
    }
    const { rows } = await client.query(
      `select (select count(*)::int from quarantined_extrinsic) as quarantined,
              (select count(*)::int from registry_event where source = 'STATE') as unexplained,
              (select count(*)::int from registry_event where source = 'GENESIS') as genesis,
              (select count(*)::int from certificate where signature_outcome <> 'GOOD' and block_from > 0) as unsigned,
              (select array_agg(distinct spec_version order by spec_version) from block) as versions,
              (select ss58_prefix from chain_info) as prefix`,
    )
    expect(rows[0]).toEqual({
      quarantined: 0,
      unexplained: 0,
      genesis: inheritedEntries,
      unsigned: 0,
      versions: [11, 12, 13, 14, 15, 16],
      prefix: SS58,
    })
  },
)
