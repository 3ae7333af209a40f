/** The API in a process of its own: `serve <database url>` prints where it listens; ends with its parent's pipe. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startServer } from '../../src/server'
import { serverOptions } from '../support/server-options'

async function main(databaseUrl: string): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'bench-serve-'))
  const server = await startServer({ ...serverOptions(databaseUrl, dataDir), logLevel: 'error' })
  process.stdin.resume().once('end', async () => {
    await server.close()
    rmSync(dataDir, { recursive: true, force: true })
    process.exit()
  })
  console.log(server.url)
}

if (require.main === module) void main(process.argv[2] ?? '')
