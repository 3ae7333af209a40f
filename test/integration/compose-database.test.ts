/** The database of docker-compose.yml, made by the very initdb arguments that its image hands on. */

import { execFile } from 'node:child_process'
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareBinaries } from '../../src/embedded/binaries'
import { chooseRunAs } from '../../src/embedded/run-as'

let place: string

beforeEach(async () => {
  place = await mkdtemp(path.join(tmpdir(), 'compose-'))
})
afterEach(() => rm(place, { recursive: true, force: true }))

// Without an encoding initdb took that of the locale C, which the builtin provider refuses: the container never came up.
test('docker-compose.yml gives initdb arguments that it takes', async () => {
  const compose = await readFile('docker-compose.yml', 'utf8')
  const given = /^ +POSTGRES_INITDB_ARGS: (.+)$/m.exec(compose)?.[1]?.split(' ') ?? []
  expect(given).toContain('--builtin-locale=C.UTF-8')
  const runAs = chooseRunAs()
  if (runAs !== null) await chown(place, runAs.uid, runAs.gid)
  const { initdb } = await prepareBinaries(runAs)
  const pgdata = path.join(place, 'data')
  const flags = [`--pgdata=${pgdata}`, '--username=auto_registry', '--auth=trust', ...given]
  // The locale of the image's environment.
  const env = { ...process.env, LANG: 'en_US.utf8' }
  await promisify(execFile)(initdb, flags, { ...(runAs ?? {}), cwd: place, env })
  expect(await readFile(path.join(pgdata, 'PG_VERSION'), 'utf8')).toBe('18\n')
})
