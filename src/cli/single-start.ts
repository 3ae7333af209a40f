/** One `npm start` for a data directory: a second one says so instead of fighting over the port. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isAlive } from '../embedded/postmaster'
import { AppError } from '../errors'

/** @throws {AppError} when another one runs. Gives what releases the directory. */
export function claimDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true })
  const file = path.join(dataDir, 'start.pid')
  const owner = Number(readText(file))
  if (owner > 0 && owner !== process.pid && isAlive(owner) && isOurs(owner)) {
    throw new AppError(
      'UNAVAILABLE',
      `auto-registry already runs on ${path.resolve(dataDir)} (process ${owner}): stop it, or set DATA_DIR and PORT`,
    )
  }
  writeFileSync(file, String(process.pid))
  return () => rmSync(file, { force: true })
}

/** After a crash the number may belong to any other program. */
function isOurs(pid: number): boolean {
  if (process.platform !== 'linux') return true
  return /auto-registry|cli.index\.js/.test(readText(`/proc/${pid}/cmdline`))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
