/** A processor in a process of its own. It waits, all code loaded, for `{ databaseUrl, nodeUrl }`. */

import { pino } from 'pino'
import { startProcessor } from '../../src/main'

// Nobody is left to kill it.
process.once('disconnect', () => process.exit())
process.once('message', (message) => {
  const { databaseUrl, nodeUrl } = message as { databaseUrl: string; nodeUrl: string }
  const settings = {
    databaseUrl,
    rpcEndpoints: [nodeUrl],
    rpcBatchSize: 100,
    rpcTimeoutSeconds: 10,
    finality: { type: 'NODE' } as const,
    headPollMs: 50,
    patienceMs: 30_000,
  }
  startProcessor(settings, pino({ level: 'silent' }))
    .then((processor) => processor.ended)
    .catch((error: Error) => {
      process.send?.({ error: error.message })
      process.exitCode = 3
    })
    .finally(() => process.disconnect?.())
})
