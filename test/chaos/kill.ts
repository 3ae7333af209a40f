/** Kill -9 of a processor while it exchanges one branch for another: at every statement, and at random moments. */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { type Random, seededRandom } from '../../src/devnet/maker/random'
import { type Branch, BranchMaker, randomLoad } from './branches'
import { Nursery, type ProcessorChild } from './child'
import { differences, dumpIndex, type IndexDump } from './compare'
import { untilInStep } from './follow'
import { type Databases, recordingOf, undisturbedIndex } from './reference'
import { StatementProxy } from './statement-proxy'

export type KillReport = {
  kills: number
  /** Kills after which the batch was found done. */
  committed: number
  /** Statements from the start of a process to its being in step. */
  boundaries: number
  differences: string[]
}

/** BEFORE: the statement never leaves. AFTER: it has left, and nobody waits for the answer. */
export type KillPoint = 'BEFORE' | 'AFTER'

const TRUNK = 20
const FORK_HEIGHT = 12
const STEP_TIMEOUT = 60_000

export class KillingField {
  readonly report: KillReport = { kills: 0, committed: 0, boundaries: 0, differences: [] }
  /** Called after each comparison. */
  onChecked: (report: KillReport) => void = () => undefined
  private readonly references = new Map<string, IndexDump>()

  private constructor(
    private readonly databases: Databases,
    private readonly database: { readonly url: string; close(): Promise<void> },
    private readonly proxy: StatementProxy,
    private readonly devnet: Devnet,
    private readonly branches: readonly [Branch, Branch],
    private readonly nursery: Nursery,
    private readonly random: Random,
  ) {}

  static async open(databases: Databases, root: string, seed: number): Promise<KillingField> {
    const random = seededRandom(seed)
    const maker = new BranchMaker(seed)
    const loads = (count: number) => Array.from({ length: count }, () => randomLoad(random))
    const one = maker.grow(maker.start(), [{ roots: 3, leaves: 3, issuers: 1 }, ...loads(TRUNK)])
    const other = maker.fork(one, FORK_HEIGHT, loads(TRUNK - FORK_HEIGHT + 3))
    const devnet = await startDevnet({ chain: recordingOf(one.blocks, FORK_HEIGHT - 2) })
    for (const block of other.blocks.slice(FORK_HEIGHT + 1)) devnet.node.import(block)
    const database = await databases.create()
    const proxy = await StatementProxy.open(database.url)
    const nursery = new Nursery(root)
    const field = new KillingField(
      databases,
      database,
      proxy,
      devnet,
      [one, other],
      nursery,
      random,
    )
    field.makeBest(one)
    await field.letFinish()
    return field
  }

  /** Kills at statement 1, 2, 3 … until one that a process in step never reaches, or `most` kills. */
  async atEveryStatement(point: KillPoint, most: number): Promise<void> {
    for (let ordinal = 1; this.report.kills < most; ordinal++) {
      this.makeBest(await this.otherThanIndexed())
      const wasReached = await this.killAt(ordinal, point)
      if (!wasReached) {
        this.report.boundaries = ordinal - 1
        return
      }
      await this.check(`${point} statement ${ordinal}`)
    }
  }

  async atRandom(kills: number): Promise<void> {
    for (let i = 0; i < kills; i++) {
      this.makeBest(await this.otherThanIndexed())
      const child = this.begin()
      const delay = this.random.below(600)
      await sleep(delay)
      await child.kill()
      this.report.kills += 1
      await this.check(`after ${delay} ms`)
    }
  }

  /** A process that nobody kills, until it is in step. */
  async letFinish(): Promise<void> {
    const child = this.begin()
    try {
      await untilInStep(this.database.url, this.devnet, STEP_TIMEOUT)
    } finally {
      await child.kill()
    }
    await this.check('undisturbed')
  }

  /** What a second process says, started while the first one is at work; null when it does not end by itself. */
  async startSecond(): Promise<string | null> {
    const first = this.begin()
    await untilInStep(this.database.url, this.devnet, STEP_TIMEOUT)
    const second = this.begin()
    await Promise.race([second.gone(), sleep(30_000)])
    await second.kill()
    await first.kill()
    await this.check('two processors')
    return second.error
  }

  async close(): Promise<void> {
    await this.nursery.close()
    await this.proxy.close()
    await this.devnet.close()
    await this.database.close()
  }

  private begin(): ProcessorChild {
    this.proxy.reset()
    const child = this.nursery.take()
    child.begin({ databaseUrl: this.proxy.url, nodeUrl: this.devnet.wsUrl })
    return child
  }

  private async killAt(ordinal: number, point: KillPoint): Promise<boolean> {
    let wasReached = false
    const child = this.begin()
    this.proxy.onStatement = (count, pass) => {
      if (count !== ordinal) return pass()
      wasReached = true
      if (point === 'AFTER') pass()
      child.process.kill('SIGKILL')
    }
    const waiting = new AbortController()
    const inStep = untilInStep(
      this.database.url,
      this.devnet,
      STEP_TIMEOUT,
      () => [],
      waiting.signal,
    ).then(() => sleep(100))
    await Promise.race([child.gone(), inStep])
    waiting.abort()
    await child.kill()
    await inStep
    this.proxy.onStatement = (_, pass) => pass()
    if (!wasReached) return false
    this.report.kills += 1
    if ((await this.settledDump()).position.includes(this.devnet.head().hash)) {
      this.report.committed += 1
    }
    return true
  }

  private makeBest(branch: Branch): void {
    const tip = branch.blocks.at(-1)
    if (tip !== undefined) this.devnet.node.setBestHash(tip.hash)
  }

  private async otherThanIndexed(): Promise<Branch> {
    const [one, other] = this.branches
    const { position } = await dumpIndex(this.database.url)
    return position.includes(one.blocks.at(-1)?.hash ?? '') ? other : one
  }

  /** The index holds the one branch or the other, whole: never something between. */
  private async check(when: string): Promise<void> {
    const found = await this.settledDump()
    const branch = this.branches.find(({ blocks }) =>
      found.position.includes(blocks.at(-1)?.hash ?? ''),
    )
    if (branch === undefined) {
      this.report.differences.push(`${when}: half a branch: ${found.position}`)
      return
    }
    const lines = differences(found, await this.reference(branch))
    this.report.differences.push(...lines.map((line) => `${when}: ${line}`))
    this.onChecked(this.report)
  }

  /** After the server has noticed that the process is gone. */
  private async settledDump(): Promise<IndexDump> {
    const { Client } = await import('pg')
    const client = new Client({ connectionString: this.database.url })
    await client.connect()
    for (;;) {
      const { rows } = await client.query(
        `select from pg_stat_activity
         where datname = current_database() and application_name = 'auto-registry processor'`,
      )
      if (rows.length === 0) break
      await sleep(10)
    }
    await client.end()
    return dumpIndex(this.database.url)
  }

  private async reference(branch: Branch): Promise<IndexDump> {
    const tip = branch.blocks.at(-1)?.hash ?? ''
    const known = this.references.get(tip)
    if (known !== undefined) return known
    const final = this.devnet.finalized().height
    const made = await undisturbedIndex(this.databases, branch.blocks, final, STEP_TIMEOUT)
    this.references.set(tip, made)
    return made
  }
}
