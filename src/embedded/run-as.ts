/** Postgres refuses to run as root: which user it runs as instead, and where that user can reach its files. */

import { readFileSync } from 'node:fs'
import { access, chmod, constants, lstat, mkdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError } from '../errors'

/** Credentials a child process is started with; null for our own. */
export type RunAs = { readonly uid: number; readonly gid: number } | null

const unprivilegedUsers = ['postgres', 'nobody', 'daemon']

/**
 * Null unless we are root. initdb looks its user up by name, so it must be one of /etc/passwd.
 * @throws {AppError} when we are root and no unprivileged user is known.
 */
export function chooseRunAs(passwdFile = '/etc/passwd'): RunAs {
  if (process.getuid?.() !== 0) return null
  const users = new Map(
    readFileSync(passwdFile, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  )
  for (const name of unprivilegedUsers) {
    const found = users.get(name)
    if (found !== undefined && found.uid > 0) return found
  }
  throw new AppError(
    'UNAVAILABLE',
    'Postgres cannot run as root and no user postgres or nobody exists: run as another user, or set DATABASE_URL',
  )
}

/** May that user enter every directory down to `dir`? (Mode bits only: no ACLs.) */
export async function isReachable(dir: string, runAs: RunAs): Promise<boolean> {
  if (runAs === null) return true
  for (let at = path.resolve(dir); ; at = path.dirname(at)) {
    const { mode, uid, gid } = await stat(at)
    const shift = uid === runAs.uid ? 6 : gid === runAs.gid ? 3 : 0
    if (((mode >> shift) & 0o1) === 0) return false
    if (at === path.dirname(at)) return true
  }
}

/**
 * A directory of ours that every user can enter: for what must not lie under, say, /root.
 * @throws {AppError} when there is none.
 */
export async function reachableHome(runAs: RunAs): Promise<string> {
  const candidates = ['/var/lib/auto-registry', path.join(tmpdir(), `auto-registry-${userId()}`)]
  for (const dir of candidates) {
    if ((await isOurOwn(dir)) && (await isReachable(dir, runAs))) return dir
  }
  throw new AppError(
    'UNAVAILABLE',
    `found no directory that Postgres can reach (tried ${candidates.join(', ')}): set DATABASE_URL`,
  )
}

function userId(): number {
  return process.getuid?.() ?? 0
}

/** Made when missing; a directory that somebody else owns or may write to is not trusted. */
async function isOurOwn(dir: string): Promise<boolean> {
  try {
    await mkdir(dir, { recursive: true })
    const found = await lstat(dir)
    if (!found.isDirectory() || found.uid !== userId() || (found.mode & 0o022) !== 0) return false
    await chmod(dir, 0o755)
    await access(dir, constants.W_OK)
    return true
  } catch {
    return false
  }
}
