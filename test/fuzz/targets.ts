/** Every target, over an index of the recorded chain. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { type ServerOptions, startServer } from '../../src/server'
import { openTestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { startService } from '../support/relying-party-service'
import { chainTargets } from './chain-targets'
import { pkiTargets } from './pki-targets'
import { serviceTargets } from './service-targets'
import { socketTarget } from './socket-target'
import type { Target } from './target'

const SERVER: Omit<ServerOptions, 'databaseUrl' | 'dataDir'> = {
  databaseReadUrls: [],
  port: 0,
  host: '127.0.0.1',
  maxHeadAgeSeconds: 0,
  responderKey: null,
  responderCert: null,
  logLevel: 'silent',
}
const NOW = Date.UTC(2026, 8, 2)

export async function openTargets(
  databaseUrl: string,
): Promise<{ targets: Target[]; close(): Promise<void> }> {
  await indexDevChain(databaseUrl)
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ auto_id: string; serial: string }>(
    'select distinct auto_id, serial from auto_id_version order by 1, 2 limit 40',
  )
  await client.end()
  const nowMs = () => NOW
  const api = openTestApi(databaseUrl, { nowMs })
  const service = await startService(databaseUrl, { nowMs })
  const dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-test-'))
  const server = await startServer({ ...SERVER, databaseUrl, dataDir, nowMs })
  const known = {
    autoIds: rows.map(({ auto_id }) => auto_id),
    serials: rows.map(({ serial }) => serial),
  }
  return {
    targets: [
      ...chainTargets(),
      ...pkiTargets(),
      ...serviceTargets(api, service, known),
      socketTarget(server, known.autoIds),
    ],
    close: async () => {
      await server.close()
      await rm(dataDir, { recursive: true, force: true })
      await service.close()
      await api.close()
    },
  }
}
