/** `npm run processor [-- --registry NAME]`: follows the chain into the database until it is stopped. */

import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { createLogger } from '../log'
import { startProcessor } from '../main'
import { readConfigOf } from '../registries'
import { migrate } from '../store/migrate'
import { reportReady, untilStopped } from './lifetime'
import { openDatabase, openNode, readIndexedHash } from './parts'
import { traceProcess } from './traces'

/**
 * The heap may grow to twice what is in use before it is cleaned, in place of four times: what a batch leaves behind is
 * garbage for the most part, and cleaning it costs as much then as later. No limit, so no block is too large.
 */
const heapFlags = '--heap-growing-percent=100'

export async function main(argv: readonly string[]): Promise<number> {
  setFlagsFromString(heapFlags)
  const { values } = parseArgs({ args: [...argv], options: { registry: { type: 'string' } } })
  const config = readConfigOf(values.registry)
  const log = createLogger('processor', config.logLevel)
  const traces = await traceProcess('auto-registry-processor', config)
  const database = await openDatabase(config)
  try {
    // An embedded database is ours alone; others are migrated by who runs them.
    if (config.databaseUrl === null) await migrate(database.url)
    const node = await openNode(config, await readIndexedHash(database.url))
    const processor = await startProcessor(
      {
        ...config,
        databaseUrl: database.url,
        rpcEndpoints: node.url.split(','),
      },
      log,
    )
    reportReady(database.url)
    await Promise.race([processor.ended, untilStopped()])
    await processor.close()
    await node.close()
    return 0
  } finally {
    await database.close()
    await traces.close()
  }
}
