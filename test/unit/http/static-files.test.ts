import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStaticListener } from '../../../src/http/static-files'

const folder = mkdtempSync(path.join(tmpdir(), 'static-files-'))
const BROWSER = 'text/html,application/xhtml+xml,*/*;q=0.8'
let server: Server
let url: string

beforeAll(async () => {
  mkdirSync(path.join(folder, 'assets'))
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html>the page')
  writeFileSync(path.join(folder, 'assets', 'app-1a2b.js'), 'go()')
  const listener = createStaticListener(folder)
  server = createServer((request, response) => {
    if (!listener(request, response)) response.writeHead(404).end('nobody')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const get = (to: string, headers: Record<string, string> = { accept: BROWSER }) =>
  fetch(url + to, { headers })

describe('the built pages', () => {
  it.each([
    '/',
    '/autoids',
    '/autoid/0x12',
    '/verify?subject=0x12',
    '/token',
    '/preflight',
    '/quarantined',
    '/block/7/',
  ])('have one file at %s, with status 200', async (to) => {
    const answer = await get(to)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('the page')
  })

  // Without the last branch of the listener these say "nobody".
  it.each(['/nonsense', '/autoid/0x12/more', '/autoidsx', '/assets/gone.js'])(
    'tell a browser at %s that there is nothing, with status 404 and a way back',
    async (to) => {
      const answer = await get(to)
      expect(answer.status).toBe(404)
      expect(await answer.text()).toContain('the page')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    },
  )

  it('have no 304 for what is not there', async () => {
    const etag = (await get('/')).headers.get('etag') ?? ''
    const known = await get('/', { accept: BROWSER, 'if-none-match': etag })
    const unknown = await get('/nonsense', { accept: BROWSER, 'if-none-match': etag })
    expect([known.status, unknown.status]).toEqual([304, 404])
  })

  it.each([{ accept: 'application/json' }, { accept: '*/*' }])(
    'are not sent to a program that asks for %o at a path nobody knows',
    async (headers) => {
      expect(await (await get('/nonsense', headers)).text()).toBe('nobody')
    },
  )

  it('keep hashed files for ever and the page never', async () => {
    const file = await get('/assets/app-1a2b.js')
    expect(file.headers.get('cache-control')).toContain('immutable')
    expect((await get('/')).headers.get('cache-control')).toBe('no-cache')
  })
})
