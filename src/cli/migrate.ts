/** `npm run migrate`: brings the databases of all registries to the schema of this version. */

import { readConfig } from '../config'
import { readRegistries } from '../registries'
import { withoutPassword } from '../store/connection'
import { migrate } from '../store/migrate'
import { openDatabase } from './parts'

export async function main(): Promise<number> {
  const config = readConfig()
  const further = readRegistries()
  const database = await openDatabase(config)
  try {
    await migrateOne(database.url)
    for (const { config: own } of further) await migrateOne(own.databaseUrl)
    return 0
  } finally {
    await database.close()
  }
}

async function migrateOne(url: string): Promise<void> {
  const applied = await migrate(url)
  const what = applied.length === 0 ? 'is up to date' : `now has ${applied.join(', ')}`
  process.stdout.write(`migrate: ${withoutPassword(url)} ${what}\n`)
}
