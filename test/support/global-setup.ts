/** Runs once a test run: hands out databases over HTTP, so that files in other processes share one server. */

import { createServer } from 'node:http'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/store/migrate'
import { startTestServer, type TestServer } from './postgres-server'

const template = `auto_registry_test_template_${process.pid}`
let server: Promise<TestServer> | undefined
const created = new Set<string>()
let serial = 0

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = createServer((request, response) => {
    answer(new URL(request.url ?? '/', 'http://broker'))
      .then((body) => response.end(JSON.stringify(body)))
      .catch((error: unknown) => {
        response.statusCode = 500
        response.end(error instanceof Error ? (error.stack ?? error.message) : String(error))
      })
  })
  // A connection that is closed while a file asks on it would fail that file.
  broker.keepAliveTimeout = 0
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve))
  const address = broker.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  project.provide('postgresBroker', `http://127.0.0.1:${port}`)
  return async () => {
    broker.closeAllConnections()
    broker.close()
    if (server !== undefined) await tearDown(await server)
  }
}

async function answer(url: URL): Promise<{ url: string }> {
  server ??= startTestServer().then(prepareTemplate)
  const { url: maintenance } = await server
  const name = url.searchParams.get('name') ?? `auto_registry_test_${process.pid}_${++serial}`
  if (url.pathname === '/drop') {
    await execute(maintenance, `drop database if exists ${name} with (force)`)
    created.delete(name)
  } else {
    const from = url.searchParams.get('kind') === 'empty' ? 'template0' : template
    await execute(maintenance, `create database ${name} template ${from}`)
    created.add(name)
  }
  return { url: withDatabase(maintenance, name) }
}

async function prepareTemplate(started: TestServer): Promise<TestServer> {
  await execute(started.url, `create database ${template} template template0`)
  created.add(template)
  await migrate(withDatabase(started.url, template))
  return started
}

async function tearDown(started: TestServer): Promise<void> {
  if (started.name === 'DATABASE_URL') {
    for (const name of created) {
      await execute(started.url, `drop database if exists ${name} with (force)`)
    }
  }
  await started.stop()
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}
