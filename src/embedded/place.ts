/** Where the embedded Postgres keeps its data. */

import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readRunning } from './postmaster'
import { isReachable, type RunAs, reachableHome } from './run-as'

export type DataPlace = { readonly place: string; readonly runAs: RunAs }

/**
 * `<dataDir>/postgres`; or, when the user Postgres runs as cannot reach that (a repository under /root), a
 * directory of its own elsewhere, named in `<dataDir>/postgres.location`. Removing `dataDir` starts afresh
 * in both cases. Data that are there already belong to the user who made them, whom Postgres then runs as: a machine may
 * get a user `postgres` between two starts.
 */
export async function dataPlace(dataDir: string, chosen: RunAs): Promise<DataPlace> {
  const root = path.resolve(dataDir)
  await mkdir(root, { recursive: true })
  const pointer = path.join(root, 'postgres.location')
  const elsewhere = (await readFile(pointer, 'utf8').catch(() => '')).trim()
  if (elsewhere !== '' && existsSync(elsewhere)) {
    return { place: elsewhere, runAs: await ownerOf(elsewhere, chosen) }
  }
  const near = path.join(root, 'postgres')
  const runAs = await ownerOf(near, chosen)
  if (await isReachable(root, runAs)) {
    await mkdir(near, { recursive: true })
    await handOver(near, runAs)
    return { place: near, runAs }
  }
  const home = await reachableHome(runAs)
  await removeOrphans(home)
  const place = await mkdtemp(path.join(home, 'data-'))
  await handOver(place, runAs)
  await writeFile(pointer, `${place}\n`)
  await writeFile(path.join(place, 'pointer'), pointer)
  return { place, runAs }
}

/** Of the data at `place`; who is chosen where there are none, or we are not root and can be nobody else. */
async function ownerOf(place: string, chosen: RunAs): Promise<RunAs> {
  if (chosen === null) return null
  const owner = await stat(path.join(place, 'data')).catch(() => null)
  return owner === null || owner.uid === 0 ? chosen : { uid: owner.uid, gid: owner.gid }
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
