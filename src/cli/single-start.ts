/** One `npm start` for a data directory: a second one says so instead of fighting over the port. */

import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { makeDataDir, unusableDataDir } from '../data-dir'
import { isAlive } from '../embedded/postmaster'
import { AppError } from '../errors'

/**
 * Gives what releases the directory; what was made for it and stayed empty goes again.
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
  const made = makeDataDir(dataDir)
  const release = () => {
    rmSync(file, { force: true })
    for (const dir of made.toReversed()) {
      if (readdirSync(dir).length === 0) rmdirSync(dir)
    }
  }
  try {
    writeFileSync(file, String(process.pid))
  } catch (cause) {
    release()
    throw unusableDataDir(dataDir, cause)
  }
  return release
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
