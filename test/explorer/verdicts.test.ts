/** The pages that give verdicts, of certificates and of proofs: what they take, and what they say. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { dropFiles } from './drop'
import { type Explorer, settle, startExplorer } from './explorer'
import { changeAnswers } from './intercept'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

describe('a certificate', () => {
  async function agentPem(): Promise<string> {
    const { autoId } = await explorer.ask<{ autoId: { certificate: { pem: string } } }>(
      'query ($id: ID!) { autoId(id: $id, at: { block: 270 }) { certificate { pem } } }',
      { id: story.agent },
    )
    return autoId.certificate.pem
  }

  it('dropped anywhere goes to the verification page', async () => {
    const { page, close } = await explorer.open('/events')
    const pem = await agentPem()
    await dropFiles(page, [{ name: 'agent.pem', text: pem }])
    await page.waitForURL(/\/verify#pem=/)
    await page.locator('.verdict').waitFor()
    expect(await page.locator('main').innerText()).toContain('Story Writer Agent.dev')
    await close()
  })

  it('pasted into the search box goes there, too', async () => {
    const { page, close } = await explorer.open('/')
    const pem = await agentPem()
    await page.getByRole('combobox', { name: 'Search the registry' }).focus()
    await page.evaluate((text) => {
      const data = new DataTransfer()
      data.setData('text/plain', text)
      const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true })
      document.activeElement?.dispatchEvent(event)
    }, pem)
    await page.waitForURL(/\/verify#pem=/)
    await page.locator('.verdict').waitFor()
    await close()
  })

  it('of which a damaged one comes before a good one is refused: the verdict would be about the other', async () => {
    const { page, close } = await explorer.open('/verify')
    const pem = await agentPem()
    const damaged = pem.replace(/\nM/, '\n*')
    await page.getByLabel('Certificate (PEM, leaf first)').fill(damaged + pem)
    await page.locator('main').getByRole('button', { name: 'Verify' }).click()
    await page.getByRole('alert').filter({ hasText: 'or not all of them' }).waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    expect(page.url()).not.toContain('#pem=')
    await close()
  })

  it('of a damaged link is none, and nothing else is answered in its place', async () => {
    const { page, close } = await explorer.open(`/verify?subject=${story.agent}#pem=***`)
    await page.getByText('the link to it was damaged').waitFor()
    await settle(page)
    expect(await page.locator('.verdict').count()).toBe(0)
    await close()
  })

  it('that is none is refused with a reason, and the page stays', async () => {
    const { page, close } = await explorer.open('/events')
    await dropFiles(page, [{ name: 'notes.txt', text: 'hello' }])
    await page.getByRole('alert').waitFor()
    expect(page.url()).toContain('/events')
    await close()
  })
})

describe('the verification page', () => {
  it('keeps its policy in the address', async () => {
    const { page, close } = await explorer.open(`/verify?subject=${story.agent}`)
    await page.locator('.verdict').waitFor()
    await page.getByLabel('Rules').selectOption('RFC5280')
    await page.waitForURL(/profile=RFC5280/)
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('RFC 5280')
    await close()
  })

  it('shows every check with its outcome, and evidence that leads to the chain', async () => {
    const { page, close } = await explorer.open(`/verify?subject=${story.agent}`)
    await page.locator('.verdict').waitFor()
    expect(await page.locator('table .badge').count()).toBeGreaterThan(5)
    const evidence = page.locator('table a[href^="/extrinsic/"]').first()
    await evidence.click()
    await page.waitForURL(/\/extrinsic\/0x/)
    await close()
  })
})

describe('what checks and findings mean', () => {
  type Said = { code: string; message: string }
  type Result = { checks: Said[]; chain: { checks: Said[] }[]; findings: Said[] }
  type Verdict = { verify: Result }

  /** The verification page with the first check of the leaf and the first finding changed. */
  async function openWith(change: (said: Said) => Said) {
    const opened = await explorer.open('/provenance')
    const first = (all: Said[]) => all.map((said, index) => (index === 0 ? change(said) : said))
    await changeAnswers<Verdict>(opened.page, 'IdentityVerdict', ({ verify }) => ({
      verify: {
        ...verify,
        chain: verify.chain.map((link) => ({ ...link, checks: first(link.checks) })),
        findings: first(verify.findings),
      },
    }))
    await opened.page.goto(`${explorer.service.url}/verify?subject=${story.agent}`)
    await opened.page.locator('.verdict').waitFor()
    return opened
  }

  it('is said in words of the catalogue, with the particulars of the service', async () => {
    const { page, close } = await openWith((said) => ({ ...said, message: 'Einzelheiten' }))
    const checks = page.getByRole('region', { name: 'Subject' })
    const registered = checks.getByRole('row').nth(1)
    expect(await registered.innerText()).toContain('The registry holds an entry for the identity.')
    expect(await registered.innerText()).toContain('Einzelheiten')
    const findings = page.getByRole('region', { name: 'Findings' })
    expect(await findings.innerText()).not.toContain('Einzelheiten')
    await close()
  })

  it('is said in words of the service for a code that the catalogue does not know', async () => {
    const { page, close } = await openWith((said) => ({
      ...said,
      code: 'NEW_CODE',
      message: 'of late',
    }))
    const said = { name: 'Findings' }
    expect(await page.getByRole('region', said).innerText()).toMatch(/NEW_CODE\s+of late/)
    const row = page.getByRole('region', { name: 'Subject' }).getByRole('row').nth(1)
    expect(await row.innerText()).toContain('of late')
    await close()
  })

  it('gives the times of the service in the time zone of the reader, with UTC beside them', async () => {
    const { page, close } = await openWith((said) => said)
    const validity = page
      .getByRole('region', { name: 'Subject' })
      .getByRole('row')
      .filter({ hasText: 'WITHIN_VALIDITY' })
    const times = validity.locator('time')
    expect(await times.count()).toBe(2)
    expect(await times.first().getAttribute('title')).toMatch(/ UTC$/)
    const said = await validity.innerText()
    expect(said).toMatch(/Valid from \w.* to \w.*\./)
    expect(said).not.toMatch(/T\d\d:\d\d|U\+/)
    await close()
  })

  it('names each check that did not pass', async () => {
    const { page, close } = await openWith((said) => said)
    const why = page.getByRole('region', { name: 'Why: 1 check did not pass' })
    expect(await why.innerText()).toMatch(/Not revoked\s+Failed/)
    await close()
  })
})

describe('the provenance page', () => {
  it.each([
    [0, 'Valid', 'Revoked since'],
    [1, 'Valid', 'Revoked since'],
    [2, 'Invalid', 'The signer was not good'],
    [3, 'Undetermined', 'Time only claimed'],
  ])('tells how sure proof %i of the story is', async (index, verdict, reason) => {
    const proof = story.proofs[index]
    const { page, close } = await explorer.open('/provenance')
    await expect.poll(() => explorer.readHeight(), { timeout: 60_000 }).toBeGreaterThan(276)
    await page.setInputFiles('input[type=file]', [
      { name: 'post.txt', mimeType: 'text/plain', buffer: Buffer.from(proof?.content ?? '') },
      { name: 'post.jws', mimeType: 'text/plain', buffer: Buffer.from(proof?.jws ?? '') },
    ])
    await page.locator('.verdict').waitFor()
    expect(await page.locator('.verdict').innerText()).toContain(verdict)
    const text = await page.locator('main').innerText()
    expect(text).toContain(reason)
    expect(text).toContain('The proof is about this file.')
    expect(text).toContain('open-writer')
    await close()
  })

  it('says when the file is another one', async () => {
    const { page, close } = await explorer.open('/provenance')
    await page.setInputFiles('input[type=file]', [
      { name: 'other.txt', mimeType: 'text/plain', buffer: Buffer.from('something else') },
      { name: 'p.jws', mimeType: 'text/plain', buffer: Buffer.from(story.proofs[0]?.jws ?? '') },
    ])
    await page.locator('.verdict').waitFor()
    expect(await page.locator('.verdict').innerText()).toContain('Invalid')
    expect(await page.locator('main').innerText()).toContain('The proof is about another file.')
    await close()
  })
})
