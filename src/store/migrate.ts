/** Brings a database to the schema this version was made for, and tells whether it is there. */

import type { DataSource } from 'typeorm'
import { AppError } from '../errors'
import { assertReachable, describeDatabase } from './connection'

/** Two processes that migrate at the same time take turns. */
const migrationLock = 7_264_001

/**
 * Applies pending migrations in one transaction and gives their names.
 * @throws {AppError} UNAVAILABLE when the database does not answer or refuses a statement.
 */
export async function migrate(url: string): Promise<string[]> {
  await assertReachable(url)
  const source = await describeDatabase(url).initialize()
  const lock = source.createQueryRunner()
  try {
    await lock.query('select pg_advisory_lock($1)', [migrationLock])
    return await applyAll(source)
  } finally {
    await lock.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined)
    await lock.release()
    await source.destroy()
  }
}

async function applyAll(source: DataSource): Promise<string[]> {
  try {
    const applied = await source.runMigrations({ transaction: 'all' })
    return applied.map((migration) => migration.name)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('UNAVAILABLE', `migration failed: ${said}`, {}, { cause })
  }
}
