/** What happens to a processor in a schedule, all of it told by the seed. */

import { type Random, seededRandom } from '../../src/devnet/maker/random'
import { type ArmedFault, type DatabaseFault, ENDING_CODE, PASSING_CODES } from './database-faults'
import type { ArmedNodeFault, NodeFault } from './node-faults'

export type Move =
  | { readonly type: 'grow'; readonly blocks: number }
  /** `depth` blocks of the best chain are replaced by `length` others; less deep when finality forbids it. */
  | { readonly type: 'reorg'; readonly depth: number; readonly length: number }
  /** Back to the branch that was best before, where finality allows it. */
  | { readonly type: 'return' }

export type Step = {
  readonly move: Move
  /** Made while the index is rolling back because of `move`. */
  readonly duringRollback: Move | null
  /** The processor is told to stop after so many of its statements, and started again. */
  readonly restartAfter: number | null
  readonly nodeFaults: readonly ArmedNodeFault[]
  readonly databaseFaults: readonly ArmedFault[]
}

export type Schedule = {
  readonly seed: number
  /** Made blocks alone, or on top of so many recorded ones; `DEV` is the recorded chain with its own fork. */
  readonly trunk: { readonly type: 'MADE' } | { readonly type: 'DEV'; readonly height: number }
  readonly finalityLag: number
  /** Share of blocks that hold operations. */
  readonly busy: number
  readonly steps: readonly Step[]
}

const LAGS = [5, 30, 200]

export function makeSchedule(seed: number): Schedule {
  const random = seededRandom(seed)
  const finalityLag = random.pick(LAGS)
  const steps = [step(random, { type: 'grow', blocks: 10 + random.below(50) }, finalityLag)]
  const count = 3 + random.below(4)
  for (let i = 0; i < count; i++)
    steps.push(step(random, randomMove(random, finalityLag), finalityLag))
  const trunk = random.chance(0.3)
    ? ({ type: 'DEV', height: 100 + random.below(183) } as const)
    : ({ type: 'MADE' } as const)
  return { seed, trunk, finalityLag, busy: 0.6, steps }
}

/** One reorganisation of the whole unfinalized window, and back: `depth` blocks each way. */
export function makeDeepSchedule(seed: number, depth: number): Schedule {
  const random = seededRandom(seed)
  const lag = depth + 100
  return {
    seed,
    trunk: { type: 'MADE' },
    finalityLag: lag,
    busy: Math.min(0.6, 400 / depth),
    steps: [
      { ...calm, move: { type: 'grow', blocks: depth + 50 } },
      { ...step(random, { type: 'reorg', depth, length: depth + 1 }, lag), duringRollback: null },
      { ...step(random, { type: 'return' }, lag), duringRollback: null },
    ],
  }
}

const calm: Omit<Step, 'move'> = {
  duringRollback: null,
  restartAfter: null,
  nodeFaults: [],
  databaseFaults: [],
}

function randomMove(random: Random, lag: number): Move {
  const dice = random.next()
  if (dice < 0.25) return { type: 'grow', blocks: 1 + random.below(30) }
  if (dice < 0.85) return randomReorg(random, lag)
  return { type: 'return' }
}

function randomReorg(random: Random, lag: number): Move {
  const deepest = random.chance(0.5) ? Math.min(5, lag) : lag
  return { type: 'reorg', depth: 1 + random.below(deepest), length: 1 + random.below(40) }
}

function step(random: Random, move: Move, lag: number): Step {
  const undoes = move.type !== 'grow'
  return {
    move,
    duringRollback: undoes && random.chance(0.4) ? randomReorg(random, lag) : null,
    restartAfter: random.chance(0.25) ? 1 + random.below(40) : null,
    nodeFaults: list(random, 3, () => ({ call: 1 + random.below(60), fault: nodeFault(random) })),
    databaseFaults: list(random, 2, () => ({
      statement: 1 + random.below(40),
      fault: databaseFault(random),
    })),
  }
}

function list<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, make)
}

function nodeFault(random: Random): NodeFault {
  const plain = (fault: Extract<NodeFault, { type: 'plain' }>['fault']): NodeFault => ({
    type: 'plain',
    fault,
  })
  return random.pick<NodeFault>([
    plain({ type: 'error', code: -32000, message: 'injected' }),
    plain({ type: 'error', code: -32603, message: 'Internal error' }),
    plain({ type: 'drop' }),
    plain({ type: 'status', status: 503 }),
    plain({ type: 'delay', ms: 20 + random.below(200) }),
    plain({ type: 'delay', ms: 20 + random.below(200) }),
    random.chance(0.3) ? plain({ type: 'hang' }) : plain({ type: 'drop' }),
    { type: 'disconnect' },
    { type: 'forgedHeader' },
    { type: 'missingExtrinsic' },
    { type: 'forgedCount' },
  ])
}

function databaseFault(random: Random): DatabaseFault {
  return random.pick<DatabaseFault>([
    { type: 'refuse', code: random.pick(PASSING_CODES) },
    { type: 'refuse', code: random.pick(PASSING_CODES) },
    { type: 'refuse', code: ENDING_CODE },
    { type: 'cut' },
    { type: 'terminate' },
    { type: 'slow', ms: 10 + random.below(100) },
    { type: 'lostCommit' },
    { type: 'lostCommit' },
    { type: 'failedCommit', code: random.pick(PASSING_CODES) },
  ])
}
