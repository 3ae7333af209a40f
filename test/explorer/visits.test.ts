import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { type Explorer, settle, startExplorer } from './explorer'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

const pager = (page: Page) => page.locator('.pager .muted').innerText()
const param = (page: Page, name: string) => new URL(page.url()).searchParams.get(name)

describe('the pages of a list', () => {
  // The list of a past block does not grow.
  const list = '/events?block=269'

  it('say which rows they show, and Back turns them back', async () => {
    const { page, close } = await explorer.open(list)
    await expect.poll(() => pager(page)).toMatch(/^Rows 1 to 25 of \d+$/)
    const total = Number(/of (\d+)/.exec(await pager(page))?.[1])
    await page.getByRole('button', { name: 'Next' }).click()
    await expect.poll(() => pager(page)).toBe(`Rows 26 to 50 of ${total}`)
    await page.getByRole('button', { name: 'Next' }).click()
    await expect.poll(() => pager(page)).toBe(`Rows 51 to 75 of ${total}`)
    await page.getByRole('button', { name: 'Previous' }).click()
    await expect.poll(() => pager(page)).toBe(`Rows 26 to 50 of ${total}`)
    await page.goBack()
    await expect.poll(() => pager(page)).toBe(`Rows 51 to 75 of ${total}`)
    await page.goBack()
    await page.goBack()
    await expect.poll(() => pager(page)).toBe(`Rows 1 to 25 of ${total}`)
    await page.goForward()
    await expect.poll(() => pager(page)).toBe(`Rows 26 to 50 of ${total}`)
    await close()
  })

  it('say that there is more where a link does not tell their place', async () => {
    const { page, close } = await explorer.open(list)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.waitForURL(/after=/)
    await page.goto(`${explorer.service.url}${list}&after=${param(page, 'after')}`)
    await expect.poll(() => pager(page)).toMatch(/^25 of \d+ rows, with more before and after$/)
    await close()
  })

  it('past the end of the list say so, and lead back to its first', async () => {
    const { events } = await explorer.ask<{ events: { pageInfo: { endCursor: string } } }>(
      '{ events(last: 1, orderBy: NEWEST_FIRST, filter: { toBlock: 269 }) { pageInfo { endCursor } } }',
    )
    const { page, close } = await explorer.open(`${list}&after=${events.pageInfo.endCursor}`)
    await page.getByText('The list ends before this page').waitFor()
    await page.getByRole('button', { name: 'First' }).click()
    await expect.poll(() => pager(page)).toMatch(/^Rows 1 to 25/)
    await close()
  })
})

describe('Back', () => {
  it('undoes a choice, and what the fields show with it', async () => {
    const { page, close } = await explorer.open('/autoids')
    await page.getByLabel('Name contains').fill('rev')
    await page.waitForURL(/name=rev/)
    await page.getByLabel('Status').selectOption('REVOKED')
    await page.getByLabel('Kind').selectOption('LEAF')
    await page.waitForURL(/kind=LEAF/)
    await page.goBack()
    await expect.poll(() => page.getByLabel('Kind').inputValue()).toBe('')
    expect(await page.getByLabel('Status').inputValue()).toBe('REVOKED')
    await page.goBack()
    await expect.poll(() => page.getByLabel('Status').inputValue()).toBe('')
    expect(await page.getByLabel('Name contains').inputValue()).toBe('rev')
    await page.goForward()
    await expect.poll(() => page.getByLabel('Status').inputValue()).toBe('REVOKED')
    await page.getByRole('table').waitFor()
    expect(await page.locator('table .badge').allInnerTexts()).not.toContain('Active')
    await close()
  })

  it('leads from the past of the slider to the present, in one step', async () => {
    const id = await explorer.idOf('rev-x.dev')
    const { page, close } = await explorer.open('/events')
    await page.getByRole('table').waitFor()
    await page.evaluate((to) => history.pushState(null, '', to), `/autoid/${id}`)
    await page.getByRole('slider').waitFor()
    const live = await page.locator('.identity-head .badge').innerText()
    await page.getByRole('slider').focus()
    await page.keyboard.press('Home')
    await page.waitForURL(/block=103/)
    await page.keyboard.press('PageUp')
    await page.waitForURL(/block=105/)
    await expect.poll(() => page.locator('.identity-head .badge').innerText()).toContain('Active')
    await page.goBack()
    await expect.poll(() => page.locator('.identity-head .badge').innerText()).toBe(live)
    expect(page.url()).not.toContain('block=')
    expect(await page.locator('.moment-bar').count()).toBe(0)
    await page.goForward()
    await expect
      .poll(() => page.getByRole('slider').getAttribute('aria-valuetext'))
      .toContain('105')
    await page.goBack()
    await page.goBack()
    await page.waitForURL(/\/events/)
    await close()
  })

  it('undoes a rule of the verification page, and keeps the certificate that the link carries', async () => {
    const { autoId } = await explorer.ask<{ autoId: { certificate: { pem: string } } }>(
      'query ($id: ID!) { autoId(id: $id) { certificate { pem } } }',
      { id: story.person },
    )
    const { page, close } = await explorer.open('/verify')
    const subject = page.getByLabel('Certificate (PEM, leaf first)')
    await subject.fill(autoId.certificate.pem)
    await page.locator('main').getByRole('button', { name: 'Verify' }).click()
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Registry rules')
    await page.getByLabel('Rules').selectOption('RFC5280')
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('RFC 5280 path')
    expect(page.url()).toContain('#pem=')
    await page.getByLabel('Trusted roots', { exact: true }).fill(`0x${'0'.repeat(63)}1`)
    await page.waitForURL(/anchors=.*#pem=/)
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Invalid')
    await page.goBack()
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Registry rules')
    expect(await page.getByLabel('Rules').inputValue()).toBe('REGISTRY')
    expect(await subject.inputValue()).toContain('BEGIN CERTIFICATE')
    await close()
  })

  it('undoes a zoom into the chart', async () => {
    const { page, close } = await explorer.open('/')
    await settle(page)
    await page.getByRole('radio', { name: 'Hour' }).click()
    await page.waitForURL(/bucket=HOUR/)
    await page.goBack()
    await expect.poll(() => page.getByRole('radio', { name: 'Day' }).isChecked()).toBe(true)
    await close()
  })

  it('puts the reader where they were, while a link begins at the top', async () => {
    const { page, close } = await explorer.open('/events?block=269')
    await page.getByRole('table').waitFor()
    const scrolled = () => page.evaluate(() => Math.round(scrollY))
    const link = page.locator('table a[href^="/extrinsic/"]').last()
    await link.scrollIntoViewIfNeeded()
    const before = await scrolled()
    expect(before).toBeGreaterThan(200)
    await link.click()
    await page.waitForURL(/\/extrinsic\//)
    await settle(page)
    expect(await scrolled()).toBe(0)
    await page.goBack()
    await page.getByRole('table').waitFor()
    await expect.poll(scrolled).toBe(before)
    await close()
  })
})

describe('a value of the address that cannot be understood', () => {
  it.each([
    ['/autoids', 'status=GONE'],
    ['/autoids', 'order=BEST'],
    ['/autoids', 'expires=soon'],
    ['/autoids', 'finding=NONE_SUCH'],
    ['/events', 'kind=BORN'],
    ['/events', 'from=-5'],
    ['/failed', 'call=DANCE'],
    ['/failed', 'to=1e9'],
    ['/', 'bucket=MINUTE'],
    ['/', 'from=then'],
  ])('is named, and can be taken away: %s?%s', async (to, given) => {
    const { page, close } = await explorer.open(`${to}?${given}`)
    const notice = page.getByRole('status').filter({ hasText: 'cannot be understood' })
    expect(await notice.innerText()).toContain(given)
    await notice.getByRole('button', { name: 'Remove it' }).click()
    await expect.poll(() => notice.count()).toBe(0)
    expect(page.url()).not.toContain(given)
    await close()
  })

  it('is named also while it is typed', async () => {
    const { page, close } = await explorer.open('/events')
    await page.getByLabel('From block').fill('-5')
    await page.getByText('from=-5').waitFor()
    await page.getByLabel('From block').fill('5')
    await expect.poll(() => page.getByText('cannot be understood').count()).toBe(0)
    await close()
  })
})

describe('a block past the head', () => {
  it('leads to the latest one, to no other that is not there', async () => {
    const { page, close } = await explorer.open('/block/99999999')
    await page.getByText('Not indexed').waitFor()
    await page.getByRole('link', { name: 'Latest block' }).waitFor()
    expect(await page.getByRole('link', { name: 'Previous block' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Latest block' }).click()
    await page.getByRole('region', { name: 'Header' }).waitFor()
    await page.getByRole('link', { name: 'Previous block' }).click()
    await page.getByRole('link', { name: 'Next block' }).waitFor()
    await close()
  })
})

describe('the head', () => {
  it('does not go back for a slow answer that a newer one has overtaken', async () => {
    const { page, close } = await explorer.open('/provenance')
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('query Status') !== true) return route.fallback()
      const answer = await route.fetch()
      const { data } = (await answer.json()) as { data: { status: { head: object } } }
      await released
      const head = { ...data.status.head, height: 7 }
      await route.fulfill({ json: { data: { status: { ...data.status, head } } } })
    })
    await page.reload()
    const pulse = page.locator('.pulse')
    await expect.poll(() => pulse.innerText()).toMatch(/^\d{3}/)
    const answered = page.waitForResponse((each) =>
      Boolean(each.request().postData()?.includes('query Status')),
    )
    release()
    await answered
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))),
    )
    expect(await pulse.innerText()).toMatch(/^\d{3}/)
    await close()
  })
})
