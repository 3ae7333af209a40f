/** One schedule, from an empty index to the comparison with an undisturbed one. */

import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { type Random, seededRandom } from '../../src/devnet/maker/random'
import type { RecordedBlock } from '../../src/devnet/recorded-block'
import { type Branch, BranchMaker, FIRST_MADE_PARENT, randomLoad, recordedTrunk } from './branches'
import { differences, dumpIndex, rowCount } from './compare'
import { DatabaseFaults } from './database-faults'
import { Supervised, untilInStep } from './follow'
import { NodeFaults } from './node-faults'
import { type Databases, recordingOf, undisturbedIndex } from './reference'
import type { Move, Schedule, Step } from './schedule'

export type Outcome = {
  readonly seed: number
  readonly differences: readonly string[]
  readonly rows: number
  readonly height: number
  readonly nodeFaults: number
  readonly databaseFaults: number
  readonly reorgs: number
  readonly deepest: number
  readonly reorgsInRollback: number
  readonly restarts: number
  /** Ends of the processor by an error, after which it was started again. */
  readonly ends: number
}

export type RunOptions = {
  /** Milliseconds a step may take. */
  readonly timeoutMs?: number
  /** Statements that are not carried out, for trying the comparison. */
  readonly swallows?: (text: string) => boolean
}

export async function runSchedule(
  schedule: Schedule,
  databases: Databases,
  options: RunOptions = {},
): Promise<Outcome> {
  const timeoutMs = options.timeoutMs ?? 60_000
  const database = await databases.create()
  const simulation = await Simulation.open(schedule, database.url)
  try {
    if (options.swallows !== undefined) simulation.database.swallows = options.swallows
    for (const step of schedule.steps) await simulation.run(step, timeoutMs)
    await simulation.processor.stop()
    const [found, best] = [await dumpIndex(database.url), simulation.branch.blocks]
    const final = simulation.devnet.finalized().height
    const expected = await undisturbedIndex(databases, best, final, timeoutMs)
    return {
      ...simulation.figures(),
      seed: schedule.seed,
      differences: differences(found, expected),
      rows: rowCount(found),
      height: best.length - 1,
    }
  } finally {
    await simulation.close()
    await database.close()
  }
}

class Simulation {
  readonly database: DatabaseFaults
  readonly processor: Supervised
  private readonly node: NodeFaults
  private readonly random: Random
  private readonly maker: BranchMaker
  private readonly busy: number
  private before: Branch | null = null
  private reorgs = 0
  private deepest = 0
  private reorgsInRollback = 0

  private constructor(
    schedule: Schedule,
    databaseUrl: string,
    readonly devnet: Devnet,
    public branch: Branch,
  ) {
    this.random = seededRandom(schedule.seed ^ 0x5eed)
    this.busy = schedule.busy
    this.maker = new BranchMaker(schedule.seed)
    this.database = new DatabaseFaults(databaseUrl)
    this.node = new NodeFaults(devnet.dropConnections)
    devnet.setFault(this.node.hook)
    this.processor = new Supervised({ databaseUrl, nodeUrl: devnet.wsUrl })
  }

  static async open(schedule: Schedule, databaseUrl: string): Promise<Simulation> {
    const { trunk } = schedule
    const branch =
      trunk.type === 'MADE'
        ? new BranchMaker(schedule.seed).start()
        : new BranchMaker(schedule.seed).start(recordedTrunk(trunk.height, schedule.seed % 2 === 0))
    const devnet = await startDevnet({
      chain: recordingOf(branch.blocks, null),
      finalityLag: schedule.finalityLag,
    })
    const simulation = new Simulation(schedule, databaseUrl, devnet, branch)
    simulation.processor.start()
    return simulation
  }

  async run(step: Step, timeoutMs: number): Promise<void> {
    this.node.arm(step.nodeFaults)
    this.database.arm(step.databaseFaults)
    const restarting = this.watch(step)
    this.make(step.move)
    const { devnet, processor, database } = this
    const url = database.url
    await untilInStep(url, devnet, timeoutMs, () => processor.failures)
    // What has not come up by now would otherwise disturb the next step's own count.
    this.node.arm([])
    this.database.arm([])
    database.onStatement = () => undefined
    await restarting()
    await untilInStep(url, devnet, timeoutMs, () => processor.failures)
  }

  /** Sets up what a step does in the middle; resolves when that is over. */
  private watch(step: Step): () => Promise<void> {
    let statements = 0
    let inRollback = step.duringRollback
    let restart: Promise<void> | null = null
    this.database.onStatement = (text) => {
      statements += 1
      if (inRollback !== null && /^delete from .* where (block_from|block|height) > /.test(text)) {
        const move = inRollback
        inRollback = null
        this.reorgsInRollback += 1
        this.make(move)
      }
      if (statements === step.restartAfter) restart = this.processor.restart()
    }
    return async () => {
      await restart
    }
  }

  private make(move: Move): void {
    if (move.type === 'grow') {
      const loads = Array.from({ length: move.blocks }, () => randomLoad(this.random, this.busy))
      this.adopt(this.maker.grow(this.branch, loads))
    } else if (move.type === 'reorg') this.reorg(move.depth, move.length)
    else if (this.before !== null && this.isBranch(this.before.blocks)) {
      const former = this.branch
      this.adopt(this.before)
      this.before = former
    }
  }

  private reorg(wanted: number, length: number): void {
    const head = this.branch.blocks.length - 1
    const lowest = Math.max(this.devnet.finalized().height, lowestFork(this.branch))
    const height = Math.max(lowest, head - wanted)
    if (height >= head) return
    const loads = Array.from({ length }, () => randomLoad(this.random, this.busy))
    this.before = this.branch
    this.adopt(this.maker.fork(this.branch, height, loads))
  }

  private adopt(branch: Branch): void {
    const { node } = this.devnet
    const common = commonHeight(this.branch.blocks, branch.blocks)
    const depth = this.branch.blocks.length - 1 - common
    if (depth > 0) this.reorgs += 1
    this.deepest = Math.max(this.deepest, depth)
    this.branch = branch
    // The node takes a higher block for best as it comes: between the last two blocks nobody looks.
    for (const block of branch.blocks.slice(common + 1)) {
      if (node.tree.get(block.hash) === undefined) node.import(block)
    }
    const tip = branch.blocks.at(-1)
    if (tip !== undefined && node.best.block.hash !== tip.hash) node.setBestHash(tip.hash)
  }

  /**
   * On the final block, and off the present branch: made blocks without calls are the same on both, so the former branch
   * may be an earlier part of this one, and a node with an ancestor of our head for its best is behind, not reorganised.
   */
  private isBranch(blocks: readonly RecordedBlock[]): boolean {
    const { height, hash } = this.devnet.finalized()
    const isPart = commonHeight(this.branch.blocks, blocks) === blocks.length - 1
    return !isPart && blocks[height]?.hash === hash
  }

  figures() {
    return {
      nodeFaults: this.node.fired,
      databaseFaults: this.database.fired,
      reorgs: this.reorgs,
      deepest: this.deepest,
      reorgsInRollback: this.reorgsInRollback,
      restarts: this.processor.restarts,
      ends: this.processor.failures.length,
    }
  }

  async close(): Promise<void> {
    this.node.arm([])
    this.database.arm([])
    await this.processor.stop()
    this.database.close()
    await this.devnet.close()
  }
}

/** Made blocks need a parent under their own runtime. */
function lowestFork({ trunk }: Branch): number {
  return trunk.length > 1 ? FIRST_MADE_PARENT : 0
}

function commonHeight(a: readonly RecordedBlock[], b: readonly RecordedBlock[]): number {
  let height = Math.min(a.length, b.length) - 1
  while (height > 0 && a[height]?.hash !== b[height]?.hash) height -= 1
  return height
}
