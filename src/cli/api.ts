/** `npm run api`: answers from the database until it is stopped. */

import { type Config, readConfig } from '../config'
import { readRegistries } from '../registries'
import { startServer } from '../server'
import { migrate } from '../store/migrate'
import { reportReady, untilStopped } from './lifetime'
import { openDatabase } from './parts'
import { checkAddress, checkFiles, listenProblem } from './preflight'
import { traceProcess } from './traces'

export async function main(): Promise<number> {
  const config = readConfig()
  await checkFiles(config)
  await checkAddress(config)
  const traces = await traceProcess('auto-registry-api', config)
  const database = await openDatabase(config)
  try {
    // An embedded database is ours alone; others are migrated by who runs them.
    if (config.databaseUrl === null) await migrate(database.url)
    const server = await listen({ ...config, databaseUrl: database.url })
    process.stdout.write(`api: ${server.url}/graphql\n`)
    reportReady(server.url)
    await untilStopped()
    await server.close()
    return 0
  } finally {
    await database.close()
    await traces.close()
  }
}

async function listen(config: Config): ReturnType<typeof startServer> {
  try {
    const further = readRegistries().map(({ name, config: own }) => ({ ...own, name }))
    return await startServer({ ...config, registries: further })
  } catch (error) {
    throw listenProblem(error, config)
  }
}
