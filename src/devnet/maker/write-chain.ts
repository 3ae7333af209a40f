/** Writes a made chain as the directory the devnet serves, and holds the plans loads are made by. */

import { once } from 'node:events'
import { copyFileSync, createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '../../bytes'
import { hashHeader } from '../../proof/header'
import { orderedTrieRoot } from '../../proof/trie-build'
import type { RecordedBlock } from '../recorded-block'
import { type BlockLoad, ChainMaker } from './chain-maker'

export type ChainPlan = {
  readonly name: string
  readonly seed: number
  readonly blocks: number
  readonly keys: number
  /** What block `height` (from 1) holds. */
  readonly load: (height: number) => BlockLoad
}

/** Spec version whose metadata (of chains/dev) made chains run under. */
const SPEC_VERSION = 2
const START_MS = Date.UTC(2026, 8, 1)
const BLOCK_MS = 6000

/** A genesis without any entry. */
export function emptyGenesis(): RecordedBlock {
  const header = {
    parentHash: `0x${'00'.repeat(32)}`,
    number: 0,
    stateRoot: toHex(orderedTrieRoot([], 'V1')),
    extrinsicsRoot: toHex(orderedTrieRoot([], 'V1')),
    digestLogs: [],
  }
  return {
    number: 0,
    hash: hashHeader(header),
    parentHash: header.parentHash,
    stateRoot: header.stateRoot,
    extrinsicsRoot: header.extrinsicsRoot,
    digest: { logs: [] },
    specVersionAfter: SPEC_VERSION,
    extrinsics: [],
    storageDiff: [],
  }
}

export function makerFor(plan: Pick<ChainPlan, 'name' | 'seed' | 'keys'>): ChainMaker {
  return new ChainMaker({
    seed: plan.seed,
    label: plan.name,
    keys: plan.keys,
    genesis: emptyGenesis(),
    specVersion: SPEC_VERSION,
    startMs: START_MS,
    blockTimeMs: BLOCK_MS,
  })
}

/** Blocks one by one, genesis first. */
export function* makeBlocks(plan: ChainPlan): Generator<RecordedBlock> {
  yield emptyGenesis()
  const maker = makerFor(plan)
  for (let height = 1; height <= plan.blocks; height++) yield maker.nextBlock(plan.load(height))
}

/**
 * Streams a chain to `directory`: chain.json, blocks.jsonl, and metadata and runtime taken from `runtimeDir`.
 *
 * @param runtimeDir a recorded chain with the spec version these chains run under, such as chains/dev
 */
export async function writeChain(
  plan: ChainPlan,
  directory: string,
  runtimeDir: string,
  onBlock: (height: number) => void = () => undefined,
): Promise<void> {
  mkdirSync(join(directory, 'metadata'), { recursive: true })
  mkdirSync(join(directory, 'runtime'), { recursive: true })
  for (const file of [`metadata/${SPEC_VERSION}.hex`, `runtime/${SPEC_VERSION}.json`]) {
    copyFileSync(join(runtimeDir, file), join(directory, file))
  }
  const out = createWriteStream(join(directory, 'blocks.jsonl'))
  let last: RecordedBlock | undefined
  for (const block of makeBlocks(plan)) {
    if (!out.write(`${JSON.stringify(block)}\n`)) await once(out, 'drain')
    last = block
    onBlock(block.number)
  }
  out.end()
  await once(out, 'finish')
  const chain = {
    name: plan.name,
    specName: 'subspace-auto-id-domain',
    ss58Prefix: 6094,
    tokenSymbol: 'AI3',
    tokenDecimals: 18,
    finalizedHead: { number: last?.number ?? 0, hash: last?.hash },
    hasRegistryState: false,
  }
  writeFileSync(join(directory, 'chain.json'), `${JSON.stringify(chain, null, 2)}\n`)
}

/** Plans by name. `size` is blocks for `empty`, certificates (about) for the others. */
export const plans: Readonly<Record<string, (size: number, seed: number) => ChainPlan>> = {
  /** Inherents only: long empty stretches. */
  empty: (size, seed) => ({ name: 'empty', seed, blocks: size, keys: 1, load: () => ({}) }),
  /** Ten registrations a block, a tenth of them issuers, under a few roots. */
  busy: (size, seed) => ({
    name: 'busy',
    seed,
    blocks: Math.ceil(size / 10) + 1,
    keys: 256,
    load: (height) => (height === 1 ? { roots: 10 } : { leaves: 10, issuers: 1 }),
  }),
  /** Ten registrations a block below a thousand issuers of the first hundred blocks: what a block asks for stays the same. */
  steady: (size, seed) => ({
    name: 'steady',
    seed,
    blocks: Math.ceil(size / 10) + 1,
    keys: 256,
    load: (height) =>
      height === 1 ? { roots: 10 } : { leaves: 10, issuers: height <= 101 ? 10 : 0 },
  }),
  /** The life of a registry: registrations, renewals, revocations, deactivations. */
  mixed: (size, seed) => ({
    name: 'mixed',
    seed,
    blocks: Math.ceil(size / 9) + 1,
    keys: 256,
    load: (height) =>
      height === 1
        ? { roots: 8 }
        : {
            leaves: 8,
            issuers: height % 5 === 0 ? 1 : 0,
            renewals: 1,
            revocations: 1,
            deactivations: height % 4 === 0 ? 1 : 0,
          },
  }),
  /** Bursts of a thousand calls in one block, then nothing. */
  burst: (size, seed) => ({
    name: 'burst',
    seed,
    blocks: Math.ceil(size / 1000) * 10 + 1,
    keys: 256,
    load: (height) => {
      if (height === 1) return { roots: 4 }
      return height % 10 === 0 ? { leaves: 1000, issuers: 5 } : {}
    },
  }),
  /** One root, everything below it, most of it revoked: long revocation lists. */
  revoked: (size, seed) => ({
    name: 'revoked',
    seed,
    blocks: Math.ceil(size / 100) + 1,
    keys: 64,
    load: (height) => (height === 1 ? { roots: 1 } : { leaves: 100, revocations: 90 }),
  }),
  /** A chain of issuers, each under the one before. */
  deep: (size, seed) => ({
    name: 'deep',
    seed,
    blocks: size + 1,
    keys: 64,
    load: (height) => (height === 1 ? { roots: 1 } : { leaves: 1, issuers: 1, underNewest: true }),
  }),
}
