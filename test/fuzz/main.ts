/** `npm run fuzz -- [--cases N] [--seed S] [TARGET…]`: one case in turn for each target, from seed S on. */

import { parseArgs } from 'node:util'
import { startDatabases } from '../chaos/server'
import { fuzz } from './run'
import { openTargets } from './targets'

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      cases: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
    },
    allowPositionals: true,
  })
  const databases = await startDatabases()
  const { url } = await databases.create()
  const { targets, close } = await openTargets(url)
  const began = Date.now()
  try {
    const chosen = targets.filter(
      ({ name }) => positionals.length === 0 || positionals.includes(name),
    )
    const report = await fuzz(chosen, Number(values.seed), Number(values.cases), (done) =>
      console.log(`${done} cases`),
    )
    for (const failure of report.failures) console.error(failure)
    for (const [name, { ran, taken, slowestMs }] of Object.entries(report.cases)) {
      console.log(`${name}: ${ran} cases, ${taken} taken, slowest ${slowestMs} ms`)
    }
    const seconds = Math.round((Date.now() - began) / 1000)
    console.log(
      `${seconds} s, heap ${report.heapGrowthMiB} MiB, ${report.failures.length} failures`,
    )
    return report.failures.length === 0 ? 0 : 1
  } finally {
    await close()
    await databases.close()
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
