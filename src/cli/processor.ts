/** `npm run processor [-- --registry NAME]`: follows the chain into the database until it is stopped. */

import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import type { Config } from '../config'
import { AppError } from '../errors'
import { createLogger } from '../log'
import { startProcessor } from '../main'
import { type MetricsServer, serveMetrics } from '../ops/metrics-server'
import { createProcessorMetrics, type ProcessorMetrics } from '../ops/processor-metrics'
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
  const metrics = createProcessorMetrics()
  let served: MetricsServer | null = null
  try {
    served = await serve(metrics, config)
    // An embedded database is ours alone; others are migrated by who runs them.
    if (config.databaseUrl === null) await migrate(database.url)
    const node = await openNode(config, await readIndexedHash(database.url))
    const processor = await startProcessor(
      {
        ...config,
        databaseUrl: database.url,
        rpcEndpoints: node.url.split(','),
        onCommitted: metrics.observeBatch,
      },
      log,
    )
    reportReady(database.url)
    await Promise.race([processor.ended, untilStopped()])
    await processor.close()
    await node.close()
    return 0
  } finally {
    await served?.close()
    await database.close()
    await traces.close()
  }
}

async function serve(metrics: ProcessorMetrics, config: Config): Promise<MetricsServer | null> {
  const { processorMetricsPort: port, host } = config
  if (port === 0) return null
  try {
    return await serveMetrics(metrics, { port, host })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    const message = `PROCESSOR_METRICS_PORT is ${port}: another program listens there, name a free one`
    throw new AppError('BAD_USER_INPUT', message, {}, { cause: error })
  }
}
