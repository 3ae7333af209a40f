/** A server of one test: a free port, no log but the worst, answers however old the recorded blocks are. */

import type { ServerOptions } from '../../src/server'

export function serverOptions(databaseUrl: string, dataDir: string): ServerOptions {
  return {
    databaseUrl,
    databaseReadUrls: [],
    port: 0,
    host: '127.0.0.1',
    dataDir,
    maxHeadAgeSeconds: 0,
    responderKey: null,
    responderCert: null,
    logLevel: 'fatal',
  }
}
