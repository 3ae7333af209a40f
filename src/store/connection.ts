/** Connections to Postgres: pools for queries, TypeORM's DataSource for migrations and the drift check. */

import 'reflect-metadata'
import path from 'node:path'
import { SnakeNamingStrategy } from '@subsquid/typeorm-config/lib/namingStrategy'
import pg from 'pg'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { AppError } from '../errors'

/** Group role that may only read; made by the first migration. */
export const readerRole = 'auto_registry_reader'

export type PoolOptions = {
  /** Shown in `pg_stat_activity`. */
  readonly name: string
  readonly maxConnections: number
  /** Postgres cancels a statement that runs longer; 0 = never. */
  readonly statementTimeoutMs: number
  /** Sessions act as `auto_registry_reader` in read-only transactions, whoever logs in. */
  readonly readOnly?: boolean
}

/** Errors of idle connections go to `onError`: without a listener they would end the process. */
export function openPool(
  url: string,
  options: PoolOptions,
  onError: (error: Error) => void = () => undefined,
): pg.Pool {
  const settings = ['-c timezone=UTC', `-c statement_timeout=${options.statementTimeoutMs}`]
  if (options.readOnly === true) {
    settings.push('-c default_transaction_read_only=on', `-c role=${readerRole}`)
  }
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `auto-registry ${options.name}`,
    max: options.maxConnections,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    options: settings.join(' '),
  })
  pool.on('error', onError)
  // While a client is lent out its error is nobody's: a server that is killed would end this process. The statement that
  // was running fails anyway.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

const projectDir = path.resolve(__dirname, '..', '..')

/** Never synchronises the schema: migrations alone change it. `entities` only for comparing with the model. */
export function describeDatabase(
  url: string,
  entities: NonNullable<DataSourceOptions['entities']> = [],
): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: 'auto-registry migrate',
    namingStrategy: new SnakeNamingStrategy(),
    entities,
    migrations: [path.join(projectDir, 'db', 'migrations', '*.js')],
    synchronize: false,
    migrationsRun: false,
    logging: false,
  })
}

/** `postgres://user@host:port/database`, fit for a log line. */
export function withoutPassword(url: string): string {
  const shown = new URL(url)
  shown.password = ''
  return shown.href
}

/** SQLSTATE classes and codes that waiting does not mend: a login refused (28), a database that is not there. */
const REFUSED = /^(?:28|3D000$)/

/**
 * Null when the database answers; one line about it when it may yet come.
 * @throws {AppError} UNAVAILABLE when it refuses the login, or has no such database.
 */
export async function waitsForDatabase(url: string): Promise<string | null> {
  try {
    await assertReachable(url)
    return null
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { cause } = error
    if (cause instanceof pg.DatabaseError && REFUSED.test(cause.code ?? '')) throw error
    return error.message
  }
}

/** @throws {AppError} UNAVAILABLE naming the database, when it does not answer. */
export async function assertReachable(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (cause) {
    const said = cause instanceof Error ? cause.message || cause.name : String(cause)
    throw new AppError(
      'UNAVAILABLE',
      `cannot connect to the database ${withoutPassword(url)}: ${said}`,
      {},
      { cause },
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}
