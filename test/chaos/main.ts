/**
 * `npm run chaos -- [--seed N] [--runs M] [--parallel P]`: M schedules from seed N on, each compared with an undisturbed
 * index; `--deep DEPTH`: one reorganisation of that depth and back; `--kills N`: kills of the processor and the database;
 * `--api-kills N`: kills of the API under load.
 * A seed that fails is printed, and repeats with `--seed SEED --runs 1`.
 */

import { parseArgs } from 'node:util'
import { indexDevChain } from '../support/indexed-dev-chain'
import { compiledRoot } from './child'
import { KillingField } from './kill'
import { killApi } from './kill-api'
import { killDatabase } from './kill-database'
import type { Databases } from './reference'
import { makeDeepSchedule, makeSchedule, type Schedule } from './schedule'
import { startDatabases } from './server'
import { type Outcome, runSchedule } from './simulation'

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string' },
      parallel: { type: 'string', default: '6' },
      deep: { type: 'string' },
      kills: { type: 'string' },
      'api-kills': { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  })
  const seed = Number(values.seed)
  const databases = await startDatabases()
  try {
    let failures = 0
    if (values.deep !== undefined) {
      const schedule = makeDeepSchedule(seed, Number(values.deep))
      failures += await simulate([schedule], 1, databases, values.verbose)
    }
    const others = [values.deep, values.kills, values['api-kills']]
    const runs = values.runs ?? (others.every((other) => other === undefined) ? '50' : '0')
    const schedules = Array.from({ length: Number(runs) }, (_, i) => makeSchedule(seed + i))
    failures += await simulate(schedules, Number(values.parallel), databases, values.verbose)
    if (values.kills !== undefined) failures += await kill(databases, seed, Number(values.kills))
    const apiKills = values['api-kills']
    if (apiKills !== undefined) failures += await killApis(databases, seed, Number(apiKills))
    return failures === 0 ? 0 : 1
  } finally {
    await databases.close()
  }
}

/** A tenth of the kills are the database's; the others the processor's, at every statement first, then at random moments. */
async function kill(databases: Databases, seed: number, kills: number): Promise<number> {
  const ofDatabase = Math.floor(kills / 10)
  const field = await KillingField.open(databases, compiledRoot(), seed)
  const { report } = field
  const began = Date.now()
  field.onChecked = ({ kills: done, differences }) => {
    if (done % 25 === 0) console.log(`${done} kills, ${differences.length} differences`)
  }
  try {
    const most = kills - ofDatabase
    await field.atEveryStatement('BEFORE', most)
    await field.atEveryStatement('AFTER', most)
    await field.atRandom(most - report.kills)
    await field.letFinish()
  } finally {
    await field.close()
  }
  const differences = [...report.differences, ...(await killDatabase(databases, seed, ofDatabase))]
  for (const line of differences) console.error(line)
  console.log(
    `${report.kills} kills of the processor (${report.boundaries} statements from start to in step, ${report.committed} batches found done), ${ofDatabase} of the database, in ${Math.round((Date.now() - began) / 1000)} s: ${differences.length === 0 ? 'always whole batches, identical' : `seed ${seed} FAILED`}`,
  )
  return differences.length
}

async function killApis(databases: Databases, seed: number, kills: number): Promise<number> {
  const database = await databases.create()
  try {
    await indexDevChain(database.url)
    const root = process.cwd()
    const began = Date.now()
    const report = await killApi({ databaseUrl: database.url, root, seed, kills })
    for (const line of report.differences) console.error(line)
    const seconds = Math.round((Date.now() - began) / 1000)
    const result = report.differences.length === 0 ? 'no difference' : `seed ${seed} FAILED`
    console.log(
      `${report.kills} kills of the API in ${seconds} s: ${report.answers} answers compared, ${report.lost} questions lost, sessions seen after ${report.sessionsLeft} kills: ${result}`,
    )
    return report.differences.length
  } finally {
    await database.close()
  }
}

async function simulate(
  schedules: readonly Schedule[],
  parallel: number,
  databases: Databases,
  verbose: boolean,
): Promise<number> {
  const outcomes: Outcome[] = []
  const failed: number[] = []
  const waiting = [...schedules]
  const began = Date.now()
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { seed } = next
      try {
        const outcome = await runSchedule(next, databases, { timeoutMs: timeoutOf(next) })
        outcomes.push(outcome)
        if (outcome.differences.length > 0) failed.push(seed)
        for (const line of outcome.differences) console.error(`seed ${seed}: ${line}`)
        if (verbose) console.log(JSON.stringify({ ...outcome, differences: undefined }))
      } catch (error) {
        failed.push(seed)
        console.error(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`)
      }
      const done = outcomes.length + failed.length
      if (done % 50 === 0) console.log(`${done} of ${schedules.length}`)
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  if (schedules.length > 0) console.log(summary(outcomes, failed, Date.now() - began))
  return failed.length
}

/** A step's, by how many blocks it may exchange. */
function timeoutOf({ finalityLag }: Schedule): number {
  return 180_000 + finalityLag * 60
}

function summary(outcomes: readonly Outcome[], failed: readonly number[], ms: number): string {
  const sum = (pick: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + pick(outcome), 0)
  return [
    `${outcomes.length} schedules compared in ${Math.round(ms / 1000)} s`,
    `blocks ${sum(({ height }) => height)}`,
    `rows ${sum(({ rows }) => rows)}`,
    `node faults ${sum(({ nodeFaults }) => nodeFaults)}`,
    `database faults ${sum(({ databaseFaults }) => databaseFaults)}`,
    `reorganisations ${sum(({ reorgs }) => reorgs)}`,
    `during a rollback ${sum(({ reorgsInRollback }) => reorgsInRollback)}`,
    `deepest ${Math.max(0, ...outcomes.map(({ deepest }) => deepest))}`,
    `restarts ${sum(({ restarts }) => restarts)}`,
    `ended by an error ${sum(({ ends }) => ends)}`,
    failed.length === 0 ? 'all identical' : `FAILED seeds: ${failed.join(' ')}`,
  ].join(', ')
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
