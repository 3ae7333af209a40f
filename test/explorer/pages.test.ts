import path from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { violationsOf } from './axe'
import { artefacts, type Explorer, settle, startExplorer } from './explorer'

const FIRST_LOAD_LIMIT = 250_000
/** "Good" by the Core Web Vitals is up to 0.1. */
const LAYOUT_SHIFT_LIMIT = 0.1
const LOOK_MS = 600_000

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

async function pages(): Promise<Record<string, string>> {
  const id = await explorer.idOf('rev-x.dev')
  const { autoId, events } = await explorer.ask<{
    autoId: { certificate: { tbsFingerprint: string } }
    events: { nodes: { extrinsicHash: string }[] }
  }>(
    `query ($id: ID!) {
      autoId(id: $id) { certificate { tbsFingerprint } }
      events(filter: { fromBlock: 62, toBlock: 62 }, first: 1) { nodes { extrinsicHash } }
    }`,
    { id: story.agent },
  )
  return {
    dashboard: '/',
    autoids: '/autoids',
    autoid: `/autoid/${id}`,
    'autoid-past': `/autoid/${id}?block=106`,
    issuer: `/autoid/${await explorer.idOf('rev-root.dev')}?view=issuer`,
    certificate: `/certificate/${autoId.certificate.tbsFingerprint}`,
    verify: `/verify?subject=${story.agent}&profile=RFC5280`,
    events: '/events',
    failed: '/failed',
    block: '/block/62',
    extrinsic: `/extrinsic/${events.nodes[0]?.extrinsicHash}`,
    provenance: '/provenance',
    token: '/token',
    preflight: '/preflight',
    quarantined: '/quarantined',
    nothing: '/block/99999999',
  }
}

describe('a block is added', () => {
  it('moves the dashboard without reload', async () => {
    const { page, close } = await explorer.open('/')
    const height = async () => Number((await page.locator('.pulse').innerText()).replace(/\D/g, ''))
    await page.waitForFunction(() => /\d/.test(document.querySelector('.pulse')?.textContent ?? ''))
    await page.evaluate(() => Object.assign(window, { notReloaded: true }))
    const before = await height()
    const { status } = await explorer.ask<{ status: { head: { height: number } } }>(
      '{ status { head { height } } }',
    )
    expect(before).toBeLessThan(282)
    expect(status.head.height).toBeGreaterThanOrEqual(before)
    await expect.poll(height, { timeout: 60_000 }).toBeGreaterThan(before)
    const first = page.locator('main .stat').first()
    await expect.poll(() => first.innerText()).toContain(String(await height()))
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)
    await close()
  })
})

const looks = [
  { width: 1440, theme: 'light' },
  { width: 1440, theme: 'dark' },
  { width: 375, theme: 'light' },
  { width: 375, theme: 'dark' },
] as const

describe('every page', () => {
  it.each(looks)(
    'is whole, accessible and keeps to itself at $width px, $theme',
    async ({ width, theme }) => {
      const context = await explorer.openContext({ width, theme })
      for (const [name, to] of Object.entries(await pages())) {
        await checkPage(`${name}-${width}-${theme}`, to, context)
      }
      await context.close()
    },
    LOOK_MS,
  )
})

async function checkPage(name: string, to: string, context: BrowserContext) {
  const { page, problems, strangers, close } = await explorer.open(to, context)
  await settle(page)
  expect(await page.locator('h1').count(), name).toBe(1)
  expect(await page.locator('[role=alert]').count(), name).toBe(0)
  expect(problems, name).toEqual([])
  expect(strangers, name).toEqual([])
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overflow, `${name}: wider than the window`).toBeLessThanOrEqual(0)
  expect(await violationsOf(page), name).toEqual([])
  expect(await page.evaluate(skippedHeadings), name).toEqual([])
  expect(await page.evaluate(landmarks), name).toEqual(['header', 'main', 'footer'])
  await page.screenshot({ path: path.join(artefacts, `${name}.png`), fullPage: true })
  await close()
}

/** Headings that a reader who goes from heading to heading would miss the level above of. */
function skippedHeadings(): string[] {
  const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
  return levels.flatMap((heading, index) => {
    const level = Number(heading.tagName[1])
    const above = index === 0 ? 0 : Number(levels[index - 1]?.tagName[1])
    return level <= above + 1 ? [] : [heading.textContent ?? '']
  })
}

function landmarks(): string[] {
  return [...document.querySelectorAll('header, main, footer')].map(({ localName }) => localName)
}

describe('the first load', () => {
  // A test runner says NODE_ENV=test, and React keeps its slow half by that.
  it('is built for use, whoever built it', async () => {
    const { page, close } = await explorer.open('/')
    const scripts = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLScriptElement>('script[src]')].map(({ src }) => src),
    )
    expect(scripts.length).toBeGreaterThan(0)
    for (const script of scripts) {
      const text = await (await fetch(script)).text()
      expect(text.includes('React DevTools'), script).toBe(false)
    }
    await close()
  })

  const names = ['dashboard', 'autoid', 'issuer', 'certificate', 'verify'] as const
  it.each(names.flatMap((name) => [1440, 375].map((width) => ({ name, width }))))(
    'of $name at $width px stays under 250 kB compressed, and nothing moves while it comes',
    async ({ name, width }) => {
      const context = await explorer.openContext({ width })
      const { page } = await explorer.open('/provenance', context)
      await page.addInitScript(watchLayout)
      const cdp = await page.context().newCDPSession(page)
      await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
      await page.goto(explorer.service.url + (await pages())[name])
      await page.locator('h1').waitFor()
      await settle(page)
      const { bytes, shift } = await page.evaluate(readMeasures)
      expect(bytes).toBeGreaterThan(50_000)
      expect(bytes).toBeLessThan(FIRST_LOAD_LIMIT)
      expect(shift).toBeLessThan(LAYOUT_SHIFT_LIMIT)
      await context.close()
    },
  )
})

describe('GraphiQL', () => {
  it('runs under its Content-Security-Policy and asks nobody else', async () => {
    const { page, problems, strangers, close } = await explorer.open('/provenance')
    const answer = await page.goto(`${explorer.service.url}/graphql`)
    expect(answer?.headers()['content-security-policy']).toContain("default-src 'self'")
    await page.locator('.graphiql-execute-button').waitFor()
    await page.locator('.graphiql-execute-button').click()
    await expect
      .poll(() => page.locator('.result-window').innerText(), { timeout: 60_000 })
      .toContain('"data"')
    expect(problems).toEqual([])
    expect(strangers).toEqual([])
    await close()
  })
})

type Watched = { shift: number }

function watchLayout(): void {
  const watched: Watched = Object.assign(window, { shift: 0 })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      watched.shift += (entry as PerformanceEntry & { value: number }).value
    }
  }).observe({ type: 'layout-shift', buffered: true })
}

function readMeasures(): { bytes: number; shift: number } {
  const bytes = performance
    .getEntries()
    .filter((entry) => entry instanceof PerformanceResourceTiming)
    .filter((entry) => !entry.name.endsWith('/graphql'))
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)
  return { bytes, shift: (window as unknown as Watched).shift }
}
