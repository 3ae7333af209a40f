import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { type Explorer, settle, startExplorer } from './explorer'

const HEIGHT = '{ status { head { height } } }'
const NODE = 'https://node.example/blocks/{hash}'

let explorer: Explorer
let folder: string

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'explorer-trusted-'))
  const file = path.join(folder, 'documents.json')
  fs.writeFileSync(file, JSON.stringify({ height: HEIGHT }))
  explorer = await startExplorer({ TRUSTED_DOCUMENTS: file, NODE_EXPLORER_URL: NODE })
}, 300_000)

afterAll(async () => {
  await explorer?.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

describe('where only trusted documents run', () => {
  it('others do not', async () => {
    await expect(explorer.ask('{ status { version } }')).rejects.toThrow('only trusted documents')
    expect(await explorer.readHeight()).toBeGreaterThan(0)
  })

  // Without public/documents.json in the build, or with another text of a document in it, each page shows an error.
  it('every page of the explorer shows what it shows elsewhere', async () => {
    const paths = {
      '/': 'Latest events',
      '/autoids': 'Story Person.dev',
      '/events': 'Registered',
      '/failed': 'InvalidSignature',
      '/quarantined': 'Every extrinsic was decoded',
      [`/autoid/${story.person}`]: 'Chain of trust',
      [`/autoid/${story.person}?view=issuer`]: 'Story Writer Agent.dev',
      [`/verify?subject=${story.person}`]: 'Leads up to a root',
      '/block/62': 'State root',
    }
    const context = await explorer.openContext({})
    for (const [to, text] of Object.entries(paths)) {
      const { page, problems, close } = await explorer.open(to, context)
      await settle(page)
      await page.locator('main').getByText(text).first().waitFor({ state: 'attached' })
      expect(await page.locator('[role=alert]').count(), to).toBe(0)
      expect(problems, to).toEqual([])
      await close()
    }
    await context.close()
  })

  it('the head is pushed, too', async () => {
    const { page, close } = await explorer.open('/provenance')
    const [request] = await Promise.all([
      page.waitForRequest((each) => (each.headers()['accept'] ?? '').includes('text/event-stream')),
      page.reload(),
    ])
    const answer = await request.response()
    expect(answer?.status()).toBe(200)
    expect(answer?.headers()['content-type']).toContain('text/event-stream')
    await close()
  })

  it('search finds, and a block links to the node explorer that is set', async () => {
    const { page, close } = await explorer.open('/')
    await page.getByRole('combobox', { name: 'Search the registry' }).fill('62')
    await page.getByRole('option').filter({ hasText: 'Block' }).first().click()
    const link = page.getByRole('link', { name: 'Open in the node explorer' })
    expect(await link.getAttribute('href')).toMatch(
      /^https:\/\/node\.example\/blocks\/0x[0-9a-f]{64}$/,
    )
    await close()
  })
})
