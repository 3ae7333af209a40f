/** `npm run migrate`: brings the database to the schema of this version. */

import { readConfig } from '../config'
import { withoutPassword } from '../store/connection'
import { migrate } from '../store/migrate'
import { openDatabase } from './parts'

export async function main(): Promise<number> {
  const config = readConfig()
  const database = await openDatabase(config)
  try {
    const applied = await migrate(database.url)
    const shown = withoutPassword(database.url)
    const what = applied.length === 0 ? 'is up to date' : `now has ${applied.join(', ')}`
    process.stdout.write(`migrate: ${shown} ${what}\n`)
    return 0
  } finally {
    await database.close()
  }
}
