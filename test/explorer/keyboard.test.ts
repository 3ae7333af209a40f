import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { type Explorer, settle, startExplorer } from './explorer'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

const identity = `/autoid/${story.person}?block=270`
const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'

/** Tabs through the page once; what took the focus without showing it, and what never took it. */
async function walk(page: Page): Promise<{ unseen: string[]; missed: string[] }> {
  // Those that are there now: on a live page others come in meanwhile.
  const controls = await page.locator(CONTROLS).evaluateAll((found) => {
    for (const each of found) each.setAttribute('data-known', '')
    return found.length
  })
  const unseen: string[] = []
  // Fields of dates and numbers take some steps each.
  for (let step = 0; step < controls + 40; step += 1) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(noteFocus)
    if (found === 'again') break
    if (found !== 'seen') unseen.push(found)
  }
  return { unseen, missed: await page.evaluate(notReached) }
}

/** Marks what has the focus as reached, and says whether that can be seen. */
function noteFocus(): string {
  const element = document.activeElement
  // Between the last control and the first there is the browser itself.
  if (!(element instanceof HTMLElement) || element === document.body) return 'seen'
  if (element.dataset['reached'] === 'before') return 'again'
  for (const last of document.querySelectorAll<HTMLElement>('[data-reached]'))
    last.dataset['reached'] = 'before'
  element.dataset['reached'] = 'now'
  const shown = element.closest('label') ?? element
  const { outlineStyle, outlineWidth } = getComputedStyle(shown)
  const box = shown.getBoundingClientRect()
  const isInSight = box.width > 1 && box.top >= -1 && box.bottom <= innerHeight + 1
  const isTall = box.height > innerHeight
  const isRinged = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1
  const name = element.getAttribute('aria-label') ?? element.textContent ?? ''
  // The button inside a date field has the browser's own ring, which no style tells of.
  const isSeen = isRinged || element.matches('input[type^=date]')
  return isSeen && (isInSight || isTall) ? 'seen' : `${element.localName}: ${name.slice(0, 40)}`
}

/** Controls in sight that the Tab key did not reach; of a group of radio buttons one is enough, arrows do the rest. */
function notReached(): string[] {
  return [...document.querySelectorAll<HTMLElement>('[data-known]')]
    .filter((element) => element.checkVisibility() && !element.matches(':disabled'))
    .filter((element) => !('reached' in element.dataset))
    .filter((element) => {
      const group = element.closest('[role=radiogroup], [role=group], [role=tablist]')
      return group?.querySelector('[data-reached]') == null
    })
    .map((element) => `${element.localName}: ${element.textContent?.slice(0, 40)}`)
}

describe('the Tab key', () => {
  it.each([
    '/?from=2026-11-01T00:00:00.000Z',
    '/autoids?block=269&finding=ISSUER_NOT_CA',
    identity,
    `/autoid/${story.organisation}?view=issuer&block=270`,
    `/verify?subject=${story.agent}&block=270`,
    '/events?block=269',
    '/failed?block=269',
    '/block/62',
    '/provenance',
    '/token',
    `/preflight?renews=${story.person}`,
  ])('reaches every control of %s, and shows where it is', async (to) => {
    const { page, close } = await explorer.open(to)
    await settle(page)
    expect(await walk(page)).toEqual({ unseen: [], missed: [] })
    await close()
  })

  it('reaches every control of a certificate', async () => {
    const { page, close } = await explorer.open(identity)
    await settle(page)
    const link = page.locator('main a[href^="/certificate/"]').first()
    await page.goto(explorer.service.url + (await link.getAttribute('href')))
    await page.locator('.verdict').waitFor()
    await page.getByRole('tab', { name: 'Fields' }).focus()
    await page.keyboard.press('End')
    await page.locator('.asn1').first().waitFor()
    expect(await walk(page)).toEqual({ unseen: [], missed: [] })
    await close()
  })
})

describe('without a mouse', () => {
  it('a menu opens on its first link, and gives the focus back on Escape', async () => {
    const context = await explorer.openContext({ width: 375 })
    const { page } = await explorer.open('/events', context)
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    const menu = page.getByRole('button', { name: 'Menu' })
    await menu.focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('Dashboard')
    await page.keyboard.press('Escape')
    expect(await menu.getAttribute('aria-expanded')).toBe('false')
    expect(await menu.evaluate((button) => button === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/autoids/)
    await context.close()
  })

  it('the children of an issuer open and close, and so do the parts of a structure', async () => {
    const { page, close } = await explorer.open(identity)
    await settle(page)
    const issued = page.getByRole('button', { name: /^issued \d/ }).first()
    await issued.focus()
    await page.keyboard.press('Enter')
    await page.locator('.children .badge').first().waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('children')
    await issued.press('Enter')
    expect(await page.locator('.children').count()).toBe(0)
    await page.getByRole('tab', { name: 'Fields' }).focus()
    await page.keyboard.press('End')
    const summary = page.locator('.asn1 summary').first()
    await summary.waitFor()
    await summary.press('Enter')
    expect(await page.locator('.asn1 details').first().getAttribute('open')).toBeNull()
    await close()
  })

  it('the chart goes from days to hours by the arrow keys', async () => {
    const { page, close } = await explorer.open('/')
    await settle(page)
    await page.getByRole('radio', { name: 'Day' }).focus()
    await page.keyboard.press('ArrowRight')
    const hour = page.getByRole('radio', { name: 'Hour' })
    await expect.poll(() => hour.evaluate((each) => each === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await page.waitForURL(/bucket=HOUR/)
    await close()
  })

  it('what was opened closes on Escape, and the focus goes back to its button', async () => {
    const { page, close } = await explorer.open(identity)
    await settle(page)
    for (const name of ['Download', 'Share']) {
      const button = page.getByRole('button', { name, exact: true })
      await button.press('Enter')
      const dialog = page.getByRole('dialog', { name })
      await dialog.waitFor()
      expect(await dialog.evaluate((box) => box.contains(document.activeElement))).toBe(true)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      expect(await button.evaluate((each) => each === document.activeElement)).toBe(true)
    }
    await close()
  })

  it('a page of a list turns, and the focus is not lost', async () => {
    const { page, close } = await explorer.open('/events?block=269')
    await page.getByRole('table').waitFor()
    const next = page.getByRole('button', { name: 'Next' })
    await next.press('Enter')
    await page.waitForURL(/after=/)
    await page.locator('.is-moving').waitFor({ state: 'detached' })
    expect(
      await page.evaluate(() => document.activeElement?.closest('.pager, main') !== null),
    ).toBe(true)
    await close()
  })
})

describe('search', () => {
  it('finds by name with the keyboard alone', async () => {
    const { page, close } = await explorer.open('/')
    await page.keyboard.press('/')
    await page.keyboard.type('Story Writer Agent')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/autoid\//)
    await expect.poll(() => page.locator('h1').innerText()).toContain('Story Writer Agent')
    await close()
  })
})
