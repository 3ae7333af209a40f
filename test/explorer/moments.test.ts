import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { type Explorer, settle, startExplorer } from './explorer'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

/** The certificate that block 105 registered, 106 revoked and 108 deactivated. */
async function revokedCertificate(): Promise<string> {
  const { autoId } = await explorer.ask<{ autoId: { certificate: { fingerprint: string } } }>(
    'query ($id: ID!) { autoId(id: $id, at: { block: 105 }) { certificate { fingerprint } } }',
    { id: await explorer.idOf('rev-x.dev') },
  )
  return autoId.certificate.fingerprint
}

const banner = (page: Page) => page.locator('.moment-bar').innerText()

describe('the time slider', () => {
  it('moves the whole page, verdict included, and the address with it', async () => {
    const id = await explorer.idOf('rev-x.dev')
    const { page, close } = await explorer.open(`/autoid/${id}`)
    await settle(page)
    const slider = page.getByRole('slider')
    const badge = page.locator('.identity-head .badge')
    const verdict = page.locator('.verdict')
    await slider.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => page.url()).toContain('block=103')
    await expect.poll(() => badge.innerText()).toContain('Not registered then')
    expect(await page.locator('main').innerText()).toContain('No certificate is in force')
    for (const [block, status] of [
      [105, 'Active'],
      [106, 'Revoked'],
      [108, 'Deactivated'],
    ] as const) {
      await page.keyboard.press('PageUp')
      await expect.poll(() => page.url()).toContain(`block=${block}`)
      await expect.poll(() => badge.innerText()).toContain(status)
      const word = status === 'Active' ? 'Valid' : 'Invalid'
      await expect.poll(() => verdict.innerText()).toContain(word)
    }
    expect(await page.locator('.moment-bar').innerText()).toContain('108')
    await page.keyboard.press('End')
    await expect.poll(() => page.url()).not.toContain('block=')
    await close()
  })

  it('follows the pointer', async () => {
    const id = await explorer.idOf('rev-x.dev')
    const { page, close } = await explorer.open(`/autoid/${id}`)
    await settle(page)
    const box = await page.getByRole('slider').boundingBox()
    if (box === null) throw new Error('the slider is not on the page')
    await page.mouse.move(box.x + box.width - 11, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 8 })
    await page.mouse.up()
    await expect.poll(() => page.url()).toMatch(/block=\d+/)
    await close()
  })
})

describe('a certificate', () => {
  it.each([
    [105, 'Valid', 'Active', 'not listed'],
    [106, 'Invalid', 'Revoked', 'Revoked, in block'],
    [108, 'Invalid', 'Deactivated', 'Revoked, in block'],
  ])('at block %i is %s', async (block, verdict, status, listed) => {
    const to = `/certificate/${await revokedCertificate()}?block=${block}`
    const { page, problems, close } = await explorer.open(to)
    await page.locator('.verdict').waitFor()
    await settle(page)
    expect(await banner(page)).toContain(`block ${block}`)
    expect(await page.locator('.verdict').innerText()).toContain(verdict)
    const text = await page.locator('main').innerText()
    expect(text).toContain(listed)
    const place = page.getByRole('region', { name: 'Place in the registry' })
    expect(await place.innerText()).toContain(status)
    const verify = page.locator('main').getByRole('link', { name: 'Verify' })
    expect(await verify.getAttribute('href')).toContain(`block=${block}`)
    expect(problems).toEqual([])
    await close()
  })

  it('is unknown before it was registered, and past the head there is no answer', async () => {
    const to = `/certificate/${await revokedCertificate()}`
    const { page, close } = await explorer.open(`${to}?block=104`)
    await page.getByRole('heading', { name: 'was registered by then' }).waitFor()
    await page.goto(`${explorer.service.url}${to}?block=4000000`)
    await page.getByRole('alert').first().waitFor()
    expect(await page.locator('.verdict, .facts').count()).toBe(0)
    await close()
  })

  it('shows the SHA-1 that other viewers show, and whom it leads up to', async () => {
    const fingerprint = await revokedCertificate()
    const { certificate } = await explorer.ask<{ certificate: { der: string } }>(
      'query ($f: String!) { certificate(fingerprint: $f) { der } }',
      { f: fingerprint },
    )
    const { X509Certificate } = await import('node:crypto')
    const expected = new X509Certificate(Buffer.from(certificate.der, 'base64')).fingerprint
    const { page, close } = await explorer.open(`/certificate/${fingerprint}`)
    await page.locator('.verdict').waitFor()
    expect(await page.locator('.facts').allInnerTexts()).toContainEqual(
      expect.stringContaining(expected),
    )
    const chain = page.getByRole('list', { name: 'Chain of trust, root first' })
    expect(await chain.innerText()).toContain('rev-root.dev')
    await close()
  })
})

describe('a list', () => {
  it.each([
    ['events', '/events?block=105', 105],
    ['failed calls', '/failed?block=105', 105],
    ['events up to a later block', '/events?block=105&to=200', 105],
  ])('of %s ends with the moment', async (_, to, last) => {
    const { page, close } = await explorer.open(to)
    await page.getByRole('table').waitFor()
    const heights = await page
      .getByRole('link', { name: /^Block \d/ })
      .evaluateAll((links) => links.map((link) => Number(link.textContent?.replace(/\D/g, ''))))
    expect(heights.length).toBeGreaterThan(0)
    expect(Math.max(...heights)).toBeLessThanOrEqual(last)
    expect(await banner(page)).toContain('not at the present')
    await close()
  })

  it.each(['/events', '/failed'])('%s is not shown for a moment past the head', async (to) => {
    const { page, close } = await explorer.open(`${to}?block=4000000`)
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('table').count()).toBe(0)
    await close()
  })
})

describe('a page that shows the present', () => {
  it.each(['/', '/preflight', '/provenance', '/quarantined', '/block/62'])(
    '%s says so, and keeps the moment in its links',
    async (to) => {
      const { page, close } = await explorer.open(`${to}?block=105`)
      await settle(page)
      expect(await banner(page)).toContain('This page shows the present')
      const nav = page.getByRole('navigation', { name: 'Main' })
      const identities = await nav.getByRole('link', { name: 'Identities' }).getAttribute('href')
      expect(identities).toBe('/autoids?block=105')
      await close()
    },
  )
})

describe('the moment of the page', () => {
  it('stays with what the search finds', async () => {
    const { page, close } = await explorer.open('/autoids?block=270')
    const box = page.getByRole('combobox', { name: 'Search the registry' })
    await box.fill('Story Person.dev')
    await page.locator('search').getByRole('option').first().click()
    await page.waitForURL(/\/autoid\/0x[0-9a-f]{64}\?block=270/)
    await close()
  })
})

describe('evidence from the genesis state', () => {
  it('leads to no extrinsic: there is none', async () => {
    const { page, close } = await explorer.open('/provenance')
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('query IdentityVerdict(') !== true)
        return route.continue()
      const answer = await route.fetch()
      const text = (await answer.text()).replace(/"extrinsicHash":"0x\w+"/g, '"extrinsicHash":""')
      await route.fulfill({ response: answer, body: text })
    })
    await page.goto(`${explorer.service.url}/verify?subject=${story.person}`)
    await page.locator('.verdict').waitFor()
    expect(await page.locator('main a[href^="/extrinsic/?"]').count()).toBe(0)
    expect(await page.locator('main').innerText()).toContain('genesis state')
    await close()
  })
})
