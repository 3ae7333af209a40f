/** What a reader takes away from a page: paper, and files. */

import fs from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { artefacts, type Explorer, settle, startExplorer } from './explorer'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

describe('the verification page on paper', () => {
  it('is the question, the verdict, every check and what each rests on, and nothing to click', async () => {
    const { page, close } = await explorer.open(
      `/verify?subject=${story.agent}&profile=RFC5280&pathlen=5`,
    )
    await page.locator('.verdict').waitFor()
    await settle(page)
    const checks = await page.locator('table code').allInnerTexts()
    const evidence = await page
      .locator('table a[href*="/extrinsic/"]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
    const pdf = await page.pdf({ format: 'A4', printBackground: true })
    fs.writeFileSync(path.join(artefacts, 'verify-print.pdf'), pdf)
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.emulateMedia({ media: 'print' })
    // A4 less its margins.
    await page.setViewportSize({ width: 703, height: 1000 })
    await page.screenshot({ path: path.join(artefacts, 'verify-print.png'), fullPage: true })
    const seen = await page.locator('body').innerText()
    for (const part of [
      story.agent,
      'RFC 5280 path',
      'Most issuers below the root',
      'Ask again at',
    ])
      expect(seen).toContain(part)
    expect(seen).toContain('time=')
    expect(checks.length).toBeGreaterThan(10)
    for (const code of checks) expect(seen).toContain(code)
    expect(evidence.length).toBeGreaterThan(3)
    for (const link of evidence) expect(seen).toContain(/0x[0-9a-f]{64}/.exec(link)?.[0])
    for (const gone of [
      'header',
      'footer',
      'nav',
      'button:not(.time)',
      'form',
      'textarea',
      'select',
    ])
      expect(await visible(page, gone), gone).toBe(0)
    expect(await page.evaluate(cutOff)).toEqual([])
    await close()
  })
})

describe('an issuer', () => {
  it('hands out what it issued as CSV, and its revocation list as CRL', async () => {
    const { page, close } = await explorer.open(`/autoid/${story.organisation}?view=issuer`)
    await settle(page)
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ])
    const text = fs.readFileSync(await csv.path(), 'utf8')
    expect(text.split('\r\n')[0]).toBe(
      'id,commonName,kind,status,serial,notBefore,notAfter,tbsSha256',
    )
    expect(text).toContain('Story Person.dev')
    const crl = await page.getByRole('link', { name: 'CRL' }).getAttribute('href')
    const answer = await fetch(explorer.service.url + crl)
    expect(answer.headers.get('content-type')).toBe('application/pkix-crl')
    await close()
  })
})

describe('downloads of an identity', () => {
  it('are there at the moment of the page', async () => {
    const { page, close } = await explorer.open(`/autoid/${story.agent}?block=272`)
    await settle(page)
    await page.getByRole('button', { name: 'Download' }).click()
    const links = await page
      .locator('.menu a')
      .evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''))
    expect(links).toHaveLength(5)
    for (const link of links) {
      expect(link).toContain('block=272')
      expect((await fetch(explorer.service.url + link)).status, link).toBe(200)
    }
    await close()
  })
})

function visible(page: Page, selector: string): Promise<number> {
  return page.locator(`${selector}:visible`).count()
}

/** Elements whose contents paper would cut: nothing scrolls there. */
function cutOff(): string[] {
  return [...document.querySelectorAll('main *')]
    .filter((element) => element.checkVisibility() && !element.closest('.hidden-visually, svg'))
    .filter((element) => {
      const { overflowX, overflowY } = getComputedStyle(element)
      const isWide = overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1
      const isHigh = overflowY !== 'visible' && element.scrollHeight > element.clientHeight + 1
      return isWide || isHigh
    })
    .map((element) => `${element.className}: ${element.textContent?.slice(0, 60)}`)
}
