import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dropFiles } from './drop'
import { type Explorer, settle, startExplorer, story } from './explorer'
import { changeAnswers } from './intercept'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

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

describe('a hostile name', () => {
  it('is shown with its invisible characters as codes', async () => {
    const { autoIds } = await explorer.ask<{
      autoIds: { nodes: { id: string; commonName: string }[] }
    }>(
      '{ autoIds(first: 100, filter: { finding: COMMON_NAME_DECEPTIVE }) { nodes { id commonName } } }',
    )
    const hit = autoIds.nodes.find(({ commonName }) => commonName.includes('\u202e'))
    const { page, close } = await explorer.open(`/autoid/${hit?.id}`)
    await settle(page)
    expect(await page.locator('h1').innerText()).toContain('U+202E')
    expect(await page.locator('body').innerText()).not.toContain('\u202e')
    expect(await page.title()).not.toContain('\u202e')
    await close()
  })

  it('with markup is text', async () => {
    const id = await explorer.idOf('<')
    const { page, problems, close } = await explorer.open(`/autoid/${id}`)
    await settle(page)
    expect(await page.locator('h1').innerText()).toContain('<')
    expect(problems).toEqual([])
    await close()
  })
})

describe('what cannot be answered', () => {
  it('says so for an identifier that was never registered', async () => {
    const { page, close } = await explorer.open(`/autoid/0x${'00'.repeat(32)}`)
    await settle(page)
    expect(await page.locator('h1').innerText()).toContain('never registered')
    await close()
  })

  it('says so for a moment past the head, and never shows the present instead', async () => {
    const { page, close } = await explorer.open(`/autoid/${story.agent}?block=4000000`)
    await page.getByRole('alert').first().waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    await close()
  })

  it('says so for a moment that cannot be read', async () => {
    const { page, close } = await explorer.open(`/autoid/${story.agent}?block=soon`)
    expect(await page.locator('h1').innerText()).toContain('cannot be read')
    await close()
  })

  it('says so when the service is out of reach, and tries again when asked', async () => {
    const { page, close } = await explorer.open('/')
    await page.route('**/graphql', (route) => route.abort())
    await page.getByRole('link', { name: 'Failed calls' }).first().click()
    await page.getByRole('alert').waitFor()
    await page.unroute('**/graphql')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('table').waitFor()
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
