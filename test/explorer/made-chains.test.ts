import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { plans, writeChain } from '../../src/devnet/maker/write-chain'
import { violationsOf } from './axe'
import { artefacts, type Explorer, settle, startExplorer } from './explorer'

const root = path.resolve(__dirname, '..', '..')

type Made = { readonly devnet: Devnet; readonly explorer: Explorer; readonly directory: string }

/** The whole service on a chain of `make-chain`, as `RPC_ENDPOINT` would name any other node. */
async function startOn(name: string, size: number): Promise<Made> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'made-chain-'))
  const plan = plans[name]?.(size, 1)
  if (plan === undefined) throw new Error(`make-chain has no plan ${name}`)
  await writeChain(plan, directory, path.join(root, 'chains', 'dev'))
  const devnet = await startDevnet({ chainDir: directory })
  // The blocks of a made chain are of their own time.
  const settings = { RPC_ENDPOINT: devnet.url, MAX_HEAD_AGE: '0' }
  const explorer = await startExplorer(settings, plan.blocks)
  return { devnet, explorer, directory }
}

async function stop(made: Made | undefined): Promise<void> {
  await made?.explorer.close()
  await made?.devnet.close()
  if (made !== undefined) fs.rmSync(made.directory, { recursive: true, force: true })
}

describe('an issuer of thousands', () => {
  const COUNT = 3_000
  let made: Made

  beforeAll(async () => {
    made = await startOn('revoked', COUNT)
  }, 300_000)

  afterAll(() => stop(made))

  type Issuer = {
    id: string
    issued: { totalCount: number }
  }

  async function issuer(): Promise<Issuer> {
    const { autoIds } = await made.explorer.ask<{ autoIds: { nodes: Issuer[] } }>(
      '{ autoIds(first: 1, filter: { kind: ROOT }) { nodes { id issued(first: 0) { totalCount } } } }',
    )
    const [found] = autoIds.nodes
    if (found === undefined) throw new Error('the made chain has no root')
    return found
  }

  async function scrollToEnd(page: Page, count: number): Promise<void> {
    const list = page.locator('.children').first()
    await expect
      .poll(
        async () => {
          await list.evaluate((element) => element.scrollTo(0, element.scrollHeight))
          return list.locator(':scope > li:has(.badge)').count()
        },
        { timeout: 90_000, interval: 50 },
      )
      .toBe(count)
  }

  it('opens in its chain of trust to all of them, each with its own state', async () => {
    const { id, issued } = await issuer()
    expect(issued.totalCount).toBeGreaterThanOrEqual(COUNT)
    const { page, problems, close } = await made.explorer.open(`/autoid/${id}`)
    await settle(page)
    const chain = page.getByRole('list', { name: 'Chain of trust, root first' })
    await chain.getByRole('button', { name: /^issued/ }).click()
    await scrollToEnd(page, issued.totalCount)
    const rows = chain.locator('.children > li:has(.badge)')
    const links = await rows
      .locator('a')
      .evaluateAll((found) => found.map((link) => link.getAttribute('href')))
    expect(new Set(links).size).toBe(issued.totalCount)
    const { issuerStatistics } = await made.explorer.ask<{
      issuerStatistics: { issuedByStatus: { status: string; count: number }[] }
    }>(
      'query ($issuer: ID!) { issuerStatistics(issuer: $issuer) { issuedByStatus { status count } } }',
      { issuer: id },
    )
    for (const [status, word] of [
      ['REVOKED', 'Revoked'],
      ['ACTIVE', 'Active'],
    ] as const) {
      const { count } = issuerStatistics.issuedByStatus.find((each) => each.status === status) ?? {}
      const badges = rows.locator('.badge').getByText(word, { exact: true })
      expect(await badges.count(), word).toBe(count)
    }
    expect(problems).toEqual([])
    await page.screenshot({ path: path.join(artefacts, 'made-thousands.png') })
    await close()
  })

  it('is handed out whole as CSV', async () => {
    const { id, issued } = await issuer()
    const { page, close } = await made.explorer.open(`/autoid/${id}?view=issuer`)
    await settle(page)
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ])
    const rows = fs
      .readFileSync(await csv.path(), 'utf8')
      .split('\r\n')
      .slice(1, -1)
    expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(issued.totalCount)
    expect(rows.length).toBe(issued.totalCount)
    await close()
  })

  it('shows at a past block what it had issued by then', async () => {
    const { id } = await issuer()
    const { autoIds } = await made.explorer.ask<{ autoIds: { totalCount: number } }>(
      'query ($id: ID!) { autoIds(filter: { issuerId: $id }, at: { block: 5 }, first: 0) { totalCount } }',
      { id },
    )
    const { page, close } = await made.explorer.open(`/autoid/${id}?view=issuer&block=5`)
    await settle(page)
    expect(autoIds.totalCount).toBeLessThan(COUNT)
    await scrollToEnd(page, autoIds.totalCount)
    await close()
  })
})

describe('a registry without any entry', () => {
  let made: Made

  beforeAll(async () => {
    made = await startOn('empty', 12)
  }, 300_000)

  afterAll(() => stop(made))

  const nobody = `0x${'12'.repeat(32)}`
  const pages = {
    dashboard: '/',
    hours: '/?bucket=HOUR',
    identities: '/autoids',
    'identities at a block': '/autoids?block=3',
    'nobody’s identity': `/autoid/${nobody}`,
    'nobody’s issuer page': `/autoid/${nobody}?view=issuer`,
    certificate: `/certificate/${nobody}`,
    verification: '/verify',
    events: '/events',
    'failed calls': '/failed',
    block: '/block/7',
    extrinsic: `/extrinsic/${nobody}`,
    provenance: '/provenance',
    token: '/token',
    preflight: '/preflight',
    quarantined: '/quarantined',
  }

  it.each(Object.entries(pages))('says so, and nothing fails: %s', async (name, to) => {
    const context = await made.explorer.openContext({ width: 375 })
    const { page, problems } = await made.explorer.open(to, context)
    await settle(page)
    expect(await page.getByRole('alert').allInnerTexts()).toEqual([])
    expect(problems).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(overflow, 'wider than the window').toBeLessThanOrEqual(0)
    const text = await page.locator('main').innerText()
    expect(text).not.toMatch(/NaN|undefined|Infinity|Invalid Date/)
    expect(await violationsOf(page)).toEqual([])
    await page.screenshot({ path: path.join(artefacts, `empty-${name}.png`), fullPage: true })
    await context.close()
  })

  it('has no chart and no list of events, and says why', async () => {
    const { page, close } = await made.explorer.open('/')
    await settle(page)
    const activity = page.getByRole('region', { name: 'Activity' })
    await activity.getByText('Nothing happened in this time').waitFor()
    expect(await page.locator('.chart').count()).toBe(0)
    const events = page.getByRole('region', { name: 'Latest events' })
    await events.getByText('Nothing yet').waitFor()
    await close()
  })

  it('has no verdict for anybody', async () => {
    const { page, close } = await made.explorer.open(`/verify?subject=${nobody}`)
    await page.locator('.verdict, main .state[role=alert]').first().waitFor()
    expect(await page.locator('main').innerText()).not.toContain('Every check passed')
    await close()
  })
})
