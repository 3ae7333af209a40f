/** A login for the API that can only read. */

import { Client } from 'pg'
import { readerRole } from './connection'

const login = 'auto_registry_api'

/** Makes or renews the login; gives the same database's URL with it. Hex only: the password goes into a statement. */
export async function ensureReaderLogin(url: string, password: string): Promise<string> {
  if (!/^[0-9a-f]{32,}$/.test(password)) throw new RangeError('not a hexadecimal password')
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [login])
    const verb = rowCount === 0 ? 'create' : 'alter'
    await client.query(`${verb} role ${login} login password '${password}'`)
    await client.query(`grant ${readerRole} to ${login}`)
  } finally {
    await client.end()
  }
  const reading = new URL(url)
  reading.username = login
  reading.password = password
  return reading.href
}
