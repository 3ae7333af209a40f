/** A replica, and the primary once the replica is gone. */

import pg, { type Pool } from 'pg'
import { AppError } from '../../errors'

export type ReadPool = Pick<Pool, 'query' | 'connect'>

/** SQLSTATE classes: 08 connection, 57 operator intervention (shutdown), 53 resources, 40 conflict with recovery. */
const TRANSIENT = /^(?:08|57P|53|40)/

/** Would another database have answered? What a statement itself got wrong is not of this kind. */
export function isDatabaseGone(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return TRANSIENT.test(error.code ?? '')
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return (
    /^E[A-Z]+$/.test(code) || (error instanceof Error && /connection|timeout/i.test(error.message))
  )
}

/** SQLSTATE of an object that is not there: the migrations were not applied. */
export const UNDEFINED_TABLE = '42P01'

/** @throws {AppError} UNAVAILABLE where another database, or this one later, would have answered; else what was given. */
export function asDatabaseFailure(error: unknown): never {
  if (error instanceof AppError) throw error
  if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) {
    throw new AppError('UNAVAILABLE', 'the database has no index yet', {}, { cause: error })
  }
  if (!isDatabaseGone(error)) throw error
  throw new AppError('UNAVAILABLE', 'the index cannot be reached now', {}, { cause: error })
}

/**
 * One way only, for the life of the process: the primary is never behind what the replica showed, while a replica that
 * comes back may be, and what is cached by head must not be computed from an older one.
 */
export function withFallback(
  replica: ReadPool,
  primary: ReadPool,
  onFallback: (error: unknown) => void,
): ReadPool {
  let pool = replica
  const attempt = async (use: (pool: ReadPool) => Promise<unknown>): Promise<unknown> => {
    const used = pool
    try {
      return await use(used)
    } catch (error) {
      if (used === primary || !isDatabaseGone(error)) throw error
      if (pool === replica) onFallback(error)
      pool = primary
      return use(primary)
    }
  }
  type Query = (...args: unknown[]) => Promise<unknown>
  return {
    query: (...args: unknown[]) => attempt((at) => (at.query as unknown as Query).apply(at, args)),
    connect: () => attempt((at) => at.connect()),
  } as unknown as ReadPool
}
