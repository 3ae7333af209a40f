import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { artefacts, type Explorer, settle, startExplorer } from './explorer'
import { changeAnswers, failAnswers } from './intercept'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

async function openChart(to: string) {
  const opened = await explorer.open(to)
  await settle(opened.page)
  await opened.page.locator('.chart canvas').waitFor()
  return opened
}

async function placeOf(page: Page) {
  const box = await page.locator('.chart .u-over').boundingBox()
  if (box === null) throw new Error('the chart is not on the page')
  return box
}

async function drawHalf(page: Page, meanwhile: () => Promise<void>): Promise<void> {
  await page.locator('.chart').scrollIntoViewIfNeeded()
  const box = await placeOf(page)
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * 0.25, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 4 })
  await meanwhile()
  await page.mouse.move(box.x + box.width * 0.75, y, { steps: 4 })
  await page.mouse.up()
}

function spanOf(page: Page): readonly [from: number, to: number] {
  const { searchParams } = new URL(page.url())
  return [Date.parse(searchParams.get('from') ?? ''), Date.parse(searchParams.get('to') ?? '')]
}

type Figures = { statistics: { buckets: { registered: number }[] } }
type Status = { status: { head: object } }

describe('the chart', () => {
  it('zooms to what is drawn across it, and back', async () => {
    const { page, close } = await openChart('/')
    await drawHalf(page, async () => {})
    await page.waitForURL(/from=.*to=|to=.*from=/)
    const [from, to] = spanOf(page)
    expect(to).toBeGreaterThan(from)
    await page.getByRole('button', { name: 'Whole time' }).click()
    await expect.poll(() => page.url()).not.toContain('from=')
    await close()
  })

  it('keeps what is being drawn when new figures come in', async () => {
    const { page, close } = await openChart('/')
    await page.evaluate(() =>
      Object.assign(window, { first: document.querySelector('.chart canvas') }),
    )
    await drawHalf(page, async () => {
      await changeAnswers<Figures>(page, 'Dashboard', ({ statistics }) => {
        const buckets = statistics.buckets.map((each) => ({ ...each, registered: 54_321 }))
        return { statistics: { ...statistics, buckets: buckets.slice(0, 1) } }
      })
      // The poll of the head brings another one, which asks for the figures anew.
      await changeAnswers<Status>(page, 'Status', ({ status }) => ({
        status: { ...status, head: { ...status.head, hash: `0x${'e'.repeat(64)}` } },
      }))
      await page.locator('.legend').getByText('54,321').waitFor({ timeout: 60_000 })
    })
    await page.waitForURL(/from=/)
    const isSame = () =>
      page.evaluate(
        () =>
          document.querySelector('.chart canvas') ===
          (window as unknown as { first: Element }).first,
      )
    expect(await isSame()).toBe(true)
    await close()
  })

  it('counts by the hour, each hour with its own row for who cannot see it', async () => {
    const { page, close } = await openChart('/')
    await page.getByRole('radio', { name: 'Hour' }).click()
    await page.waitForURL(/bucket=HOUR/)
    const rows = page.getByRole('table', { name: 'Activity' }).getByRole('rowheader')
    await expect.poll(() => rows.count()).toBeGreaterThan(24)
    const names = await rows.allInnerTexts()
    expect(new Set(names).size).toBe(names.length)
    await page.getByRole('radio', { name: 'Day' }).click()
    await page.waitForURL(/bucket=DAY/)
    await close()
  })

  it('counts a time too long for hours by something longer, and says so', async () => {
    const { page, close } = await openChart('/')
    await page.goto(
      `${explorer.service.url}/?bucket=HOUR&from=2020-01-01T00:00:00.000Z&to=2026-12-01T00:00:00.000Z`,
    )
    await page.getByText('This time is too long for hours').waitFor()
    await page.locator('.chart canvas').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    await close()
  })

  it('takes dates by keyboard, the last day included', async () => {
    const { page, close } = await openChart('/')
    await page.getByLabel('From', { exact: true }).fill('2026-11-01')
    await page.getByLabel('From', { exact: true }).press('Enter')
    await page.getByLabel('To', { exact: true }).fill('2026-11-03')
    await page.getByLabel('To', { exact: true }).press('Enter')
    await page.waitForURL(/to=/)
    const [from, to] = spanOf(page)
    expect(to - from).toBe(3 * 86_400_000)
    const rows = page.getByRole('table', { name: 'Activity' }).getByRole('rowheader')
    await expect.poll(() => rows.count()).toBeLessThanOrEqual(4)
    expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe('2026-11-03')
    await page.screenshot({ path: path.join(artefacts, 'dashboard-span.png'), fullPage: true })
    await close()
  })
})

describe('a figure that cannot be had', () => {
  it.each(['Dashboard', 'Recent', 'Expiring'])(
    'is an error with a way to try again, no grey place for ever: %s',
    async (query) => {
      const { page, close } = await explorer.open('/provenance')
      const heal = await failAnswers(page, query, 'out \u202eof order')
      await page.goto(explorer.service.url)
      const alert = page.getByRole('alert').first()
      await alert.waitFor()
      await settle(page)
      expect(await alert.innerText()).toContain('U+202E')
      await heal()
      for (const again of await page.getByRole('button', { name: 'Try again' }).all())
        await again.click({ timeout: 5_000 }).catch(() => {})
      await expect.poll(() => page.getByRole('alert').count()).toBe(0)
      await close()
    },
  )
})

describe('identities that expire soon', () => {
  it('are those of the next 30 days, asked anew each day', async () => {
    const { page, close } = await explorer.open('/provenance')
    const asked = await changeAnswers(page, 'Expiring', (data) => data)
    await page.goto(explorer.service.url)
    await settle(page)
    const soon = Date.parse(String(asked[0]?.['soon']))
    const days = (soon - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThan(31.1)
    await page.getByRole('region', { name: 'Expiring within 30 days' }).waitFor()
    await close()
  })

  it('are shown with the time they have left, soonest first, and how many more there are', async () => {
    type Expiring = {
      totalCount: number
      nodes: { id: string; commonName: string; certificate: { notAfter: string } }[]
    }
    const { first } = await explorer.ask<{ first: Expiring }>(
      '{ first: autoIds(first: 1, orderBy: EXPIRES_AT_ASC, filter: { status: ACTIVE }) { totalCount nodes { certificate { notAfter } } } }',
    )
    // A reader of that day: the first certificate of the sample chain has ten days left.
    const now = Date.parse(first.nodes[0]?.certificate.notAfter ?? '') - 10 * 86_400_000
    const soon = new Date(Math.ceil(now / 86_400_000) * 86_400_000 + 30 * 86_400_000).toISOString()
    const { expiring } = await explorer.ask<{ expiring: Expiring }>(
      `query ($soon: DateTime!) {
        expiring: autoIds(first: 6, orderBy: EXPIRES_AT_ASC, filter: { status: ACTIVE, expiresBefore: $soon }) {
          totalCount nodes { id commonName certificate { notAfter } }
        }
      }`,
      { soon },
    )
    expect(expiring.totalCount).toBeGreaterThan(expiring.nodes.length)
    const { page, close } = await explorer.open('/provenance')
    await page.clock.setFixedTime(now)
    await page.goto(explorer.service.url)
    const card = page.getByRole('region', { name: 'Expiring within 30 days' })
    const rows = card.getByRole('listitem')
    await expect.poll(() => rows.count()).toBe(expiring.nodes.length)
    for (const [index, { id, commonName, certificate }] of expiring.nodes.entries()) {
      const row = rows.nth(index)
      expect(await row.innerText()).toContain(commonName)
      expect(await row.getByRole('link').getAttribute('href')).toBe(`/autoid/${id}`)
      const days = Math.trunc((Date.parse(certificate.notAfter) - now) / 86_400_000)
      expect(await row.innerText()).toContain(`in ${days} days`)
    }
    expect(await card.innerText()).toContain(`6 of ${expiring.totalCount} are shown.`)
    await card.screenshot({ path: path.join(artefacts, 'dashboard-expiring.png') })
    await card.getByRole('link', { name: 'All of them' }).click()
    await page.locator('.pager').getByText(String(expiring.totalCount)).waitFor()
    await close()
  })
})
