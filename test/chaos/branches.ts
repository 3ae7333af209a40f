/** Chains that fork: the same seed and loads make the same blocks, other loads from a height on a conflicting branch. */

import { type BlockLoad, ChainMaker } from '../../src/devnet/maker/chain-maker'
import type { Random } from '../../src/devnet/maker/random'
import { emptyGenesis } from '../../src/devnet/maker/write-chain'
import type { RecordedBlock } from '../../src/devnet/recorded-block'
import { type Recording, readRecording } from '../../src/devnet/recording'

/** A chain from genesis to its tip: recorded blocks first, made ones on top. */
export type Branch = {
  readonly trunk: readonly RecordedBlock[]
  readonly loads: readonly BlockLoad[]
  readonly blocks: readonly RecordedBlock[]
}

const DEV_CHAIN = 'chains/dev'
/**
 * The first height of the recorded chain on which made blocks can stand: 93 is the first that their runtime executed, and
 * writes so into the state (`System.LastRuntimeUpgrade`), which made blocks do not.
 */
export const FIRST_MADE_PARENT = 93

let recorded: Recording | undefined

export function devRecording(): Recording {
  recorded ??= readRecording(DEV_CHAIN)
  return recorded
}

/** The recorded chain along its best branch, up to `height`; `orphan` leads to the tip of its recorded fork instead. */
export function recordedTrunk(height: number, orphan = false): RecordedBlock[] {
  const { blocks } = devRecording()
  const isKept = ({ number, branch }: RecordedBlock) =>
    number <= height &&
    (orphan && number > 278 ? branch === 'fork-near-head' : branch === 'canonical')
  return blocks.filter(isKept)
}

export class BranchMaker {
  constructor(private readonly seed: number) {}

  /** On the recorded chain (height ≥ 93), or on an empty genesis. */
  start(trunk: readonly RecordedBlock[] = [emptyGenesis()]): Branch {
    return { trunk, loads: [], blocks: trunk }
  }

  grow(branch: Branch, loads: readonly BlockLoad[]): Branch {
    return this.make(branch.trunk, [...branch.loads, ...loads])
  }

  /** Leaves `branch` above `height`. The first block always differs from the one that it replaces. */
  fork(branch: Branch, height: number, loads: readonly BlockLoad[]): Branch {
    const kept = height - (branch.trunk.length - 1)
    const [first, ...rest] = loads
    if (first === undefined) throw new RangeError('a fork has a block')
    const replaced = kept < 0 ? {} : (branch.loads[kept] ?? {})
    const own = [{ ...first, leaves: (replaced.leaves ?? 0) + 1 }, ...rest]
    if (kept >= 0) return this.make(branch.trunk, [...branch.loads.slice(0, kept), ...own])
    if (height < FIRST_MADE_PARENT) throw new RangeError('made blocks have the newer runtime')
    return this.make(branch.trunk.slice(0, height + 1), own)
  }

  private make(trunk: readonly RecordedBlock[], loads: readonly BlockLoad[]): Branch {
    const parent = trunk.at(-1)
    if (parent === undefined) throw new RangeError('a chain has a genesis')
    const maker = new ChainMaker({
      seed: this.seed + parent.number,
      label: 'made',
      keys: 16,
      genesis: parent,
      specVersion: 2,
      startMs: Date.UTC(2026, 8, 1),
      blockTimeMs: 6000,
    })
    return { trunk, loads, blocks: [...trunk, ...loads.map((load) => maker.nextBlock(load))] }
  }
}

/** Empty blocks as well as busy ones; every kind of operation. */
export function randomLoad(random: Random, busy = 0.6): BlockLoad {
  if (!random.chance(busy)) return {}
  return {
    roots: random.chance(0.2) ? 1 : 0,
    leaves: random.below(4),
    issuers: random.chance(0.3) ? 1 : 0,
    underNewest: random.chance(0.3),
    renewals: random.below(3),
    revocations: random.below(2),
    deactivations: random.chance(0.3) ? 1 : 0,
  }
}
