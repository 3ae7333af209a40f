/** Kill -9 of Postgres itself while a processor writes: the server recovers from its log, the processor goes on. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDevnet } from '../../src/devnet/devnet'
import { seededRandom } from '../../src/devnet/maker/random'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres'
import { migrate } from '../../src/store/migrate'
import { BranchMaker, randomLoad } from './branches'
import { differences, dumpIndex } from './compare'
import { Supervised, untilInStep } from './follow'
import { type Databases, recordingOf, undisturbedIndex } from './reference'

/** @returns differences to an undisturbed index */
export async function killDatabase(
  databases: Databases,
  seed: number,
  kills: number,
): Promise<string[]> {
  const random = seededRandom(seed)
  const dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-crash-'))
  const server = await startEmbeddedPostgres({ dataDir })
  await migrate(server.url)
  const maker = new BranchMaker(seed)
  let branch = maker.start()
  const devnet = await startDevnet({ chain: recordingOf(branch.blocks, null), finalityLag: 40 })
  const processor = new Supervised({ databaseUrl: server.url, nodeUrl: devnet.wsUrl })
  processor.start()
  try {
    for (let kill = 0; kill < kills; kill++) {
      const loads = Array.from({ length: 3 + random.below(12) }, () => randomLoad(random))
      const height = branch.blocks.length - 1
      const fork = Math.max(devnet.finalized().height, height - random.below(10))
      branch = fork < height ? maker.fork(branch, fork, loads) : maker.grow(branch, loads)
      for (const block of branch.blocks.slice(fork + 1)) devnet.node.import(block)
      devnet.node.setBestHash(branch.blocks.at(-1)?.hash ?? '')
      await sleep(random.below(250))
      await killServer(server)
      await revive(server)
    }
    await untilInStep(server.url, devnet, 120_000, () => processor.failures)
    await processor.stop()
    const final = devnet.finalized().height
    const expected = await undisturbedIndex(databases, branch.blocks, final, 60_000)
    return differences(await dumpIndex(server.url), expected)
  } finally {
    await processor.stop()
    await devnet.close()
    await server.stop()
    await rm(server.place, { recursive: true, force: true })
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function killServer(server: EmbeddedPostgres): Promise<void> {
  const file = await readFile(path.join(server.place, 'data', 'postmaster.pid'), 'utf8')
  process.kill(Number(file.split('\n')[0]), 'SIGKILL')
}

/** Its children end by themselves when they notice; until then a new server refuses to start. */
async function revive(server: EmbeddedPostgres): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sleep(100)
      if (await server.revive()) return
    } catch (error) {
      if (attempt === 50) throw error
    }
  }
}
