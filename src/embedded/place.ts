/** Where the embedded Postgres keeps its data. */

import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readRunning } from './postmaster'
import { isReachable, type RunAs, reachableHome } from './run-as'

/**
 * `<dataDir>/postgres`; or, when the user Postgres runs as cannot reach that (a repository under /root), a
 * directory of its own elsewhere, named in `<dataDir>/postgres.location`. Removing `dataDir` starts afresh
 * in both cases.
 */
export async function dataPlace(dataDir: string, runAs: RunAs): Promise<string> {
  const root = path.resolve(dataDir)
  await mkdir(root, { recursive: true })
  const pointer = path.join(root, 'postgres.location')
  const elsewhere = (await readFile(pointer, 'utf8').catch(() => '')).trim()
  if (elsewhere !== '' && existsSync(elsewhere)) return elsewhere
  if (await isReachable(root, runAs)) {
    const place = path.join(root, 'postgres')
    await mkdir(place, { recursive: true })
    await handOver(place, runAs)
    return place
  }
  const home = await reachableHome(runAs)
  await removeOrphans(home)
  const place = await mkdtemp(path.join(home, 'data-'))
  await handOver(place, runAs)
  await writeFile(pointer, `${place}\n`)
  await writeFile(path.join(place, 'pointer'), pointer)
  return place
}

/** Data whose `dataDir` was removed, so that nothing leads to it any more, unless a server still runs on it. */
async function removeOrphans(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const place = path.join(home, name)
    const pointer = await readFile(path.join(place, 'pointer'), 'utf8').catch(() => null)
    if (pointer === null || !name.startsWith('data-')) continue
    const leadsTo = (await readFile(pointer, 'utf8').catch(() => '')).trim()
    if (leadsTo === place || (await readRunning(path.join(place, 'data'))) !== null) continue
    await rm(place, { recursive: true, force: true })
  }
}

async function handOver(place: string, runAs: RunAs): Promise<void> {
  if (runAs !== null) await chown(place, runAs.uid, runAs.gid)
}
