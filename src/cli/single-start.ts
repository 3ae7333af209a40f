/** One `npm start` for a data directory: a second one says so instead of fighting over the port. */

import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isAlive } from '../embedded/postmaster'
import { AppError } from '../errors'

/**
 * Gives what releases the directory; one that nothing was written to goes again.
 * @throws {AppError} when another one runs, or the directory cannot be written to.
 */
export function claimDataDir(dataDir: string): () => void {
  const file = path.join(dataDir, 'start.pid')
  const owner = Number(readText(file))
  if (owner > 0 && owner !== process.pid && isAlive(owner) && isOurs(owner)) {
    throw new AppError(
      'UNAVAILABLE',
      `auto-registry already runs on ${path.resolve(dataDir)} (process ${owner}): stop it, or set DATA_DIR and PORT`,
    )
  }
  try {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(file, String(process.pid))
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? `${cause.code}` : 'it cannot be made'
    const message = `DATA_DIR is "${dataDir}": expected a directory to write to (${why})`
    throw new AppError('BAD_USER_INPUT', message, {}, { cause })
  }
  return () => {
    rmSync(file, { force: true })
    if (readdirSync(dataDir).length === 0) rmdirSync(dataDir)
  }
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
