/** Databases of one server for a run outside the test runner. */

import pg from 'pg'
import { migrate } from '../../src/store/migrate'
import { startTestServer } from '../support/postgres-server'
import type { Databases } from './reference'

export async function startDatabases(): Promise<Databases & { close(): Promise<void> }> {
  const server = await startTestServer()
  const admin = new pg.Pool({ connectionString: server.url, max: 2 })
  // The server's last words at its end.
  admin.on('error', () => undefined)
  const prefix = `chaos_${process.pid}`
  await admin.query(`create database ${prefix}_template template template0`)
  await migrate(urlOf(server.url, `${prefix}_template`))
  let serial = 0
  return {
    create: async () => {
      const name = `${prefix}_${++serial}`
      await admin.query(`create database ${name} template ${prefix}_template`)
      return {
        url: urlOf(server.url, name),
        close: async () => {
          await admin.query(`drop database ${name} with (force)`)
        },
      }
    },
    close: async () => {
      await admin.query(`drop database ${prefix}_template with (force)`)
      await admin.end()
      await server.stop()
    },
  }
}

function urlOf(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}
