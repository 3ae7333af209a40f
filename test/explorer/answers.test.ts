import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { dropFiles } from './drop'
import { type Explorer, settle, startExplorer } from './explorer'
import { holdBack } from './intercept'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

describe('an answer on its way', () => {
  it('leaves no verdict of another policy in sight', async () => {
    const { page, close } = await explorer.open(`/verify?subject=${story.person}`)
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Valid')
    const release = await holdBack(page, 'IdentityVerdict')
    await page.getByLabel('Trusted roots', { exact: true }).fill(`0x${'0'.repeat(63)}1`)
    await page.getByLabel('Trusted roots', { exact: true }).press('Enter')
    await page.waitForURL(/anchors=/)
    await page.locator('.skeleton').first().waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    release()
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Invalid')
    await close()
  })

  it('leaves no verdict of another subject in sight', async () => {
    const { page, close } = await explorer.open(`/verify?subject=${story.person}`)
    await page.locator('.verdict').waitFor()
    const release = await holdBack(page, 'IdentityVerdict')
    await page.getByLabel('Certificate (PEM, leaf first)').fill(story.agent)
    await page.locator('main').getByRole('button', { name: 'Verify' }).click()
    await page.locator('.skeleton').first().waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    release()
    await page.locator('.verdict').waitFor()
    await close()
  })

  it('leaves no verdict under a subject that was edited, or a file that was refused', async () => {
    const { page, close } = await explorer.open(`/verify?subject=${story.person}`)
    await page.locator('.verdict').waitFor()
    const subject = page.getByLabel('Certificate (PEM, leaf first)')
    await subject.fill(`${story.person.slice(0, -1)}`)
    await expect.poll(() => page.locator('.verdict').count()).toBe(0)
    await subject.fill(story.person)
    await page.locator('.verdict').waitFor()
    await dropFiles(page, [{ name: 'notes.txt', text: 'hello' }])
    await page.getByRole('alert').filter({ hasText: 'could be read' }).waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    await page.locator('main').getByRole('button', { name: 'Verify' }).press('Enter')
    await page.locator('.verdict').waitFor()
    // The keyboard stays where it was: nothing of the form was drawn anew.
    const focused = await page.evaluate(() => document.activeElement?.textContent)
    expect(focused).toContain('Verify')
    await close()
  })

  it('leaves no verdict of another proof in sight', async () => {
    const { page, close } = await explorer.open('/provenance')
    const proof = page.getByLabel('Proof (compact JWS')
    await proof.fill(story.proofs[0]?.jws ?? '')
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await page.locator('.verdict').waitFor()
    const release = await holdBack(page, 'Provenance')
    await proof.fill(story.proofs[2]?.jws ?? '')
    expect(await page.locator('.verdict').count()).toBe(0)
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await page.locator('.skeleton').first().waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    release()
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Invalid')
    await close()
  })

  it('leaves no verdict of another token or call in sight', async () => {
    const { page, close } = await explorer.open('/token')
    await page.getByLabel('Token (compact JWT)').fill('no token')
    await page.getByLabel('Token (compact JWT)').press('Tab')
    await page.getByLabel('Audience').press('Enter')
    await page.locator('.verdict').waitFor()
    await page.getByLabel('Audience').fill('https://bank.example')
    expect(await page.locator('.verdict').count()).toBe(0)
    await page.goto(`${explorer.service.url}/preflight`)
    await page.getByRole('radio', { name: 'Call data' }).click()
    await page.getByLabel('Call data of one AutoId call').fill('0x2803')
    await page.getByRole('button', { name: "Ask the chain's rules" }).click()
    await page.locator('main .state[role=alert], .verdict').first().waitFor()
    await page.getByLabel('Call data of one AutoId call').fill('0x2804')
    expect(await page.locator('main .state[role=alert], .verdict').count()).toBe(0)
    await close()
  })

  it('leaves the status of an identity open, and never says that it is not registered', async () => {
    const { page, close } = await explorer.open('/provenance')
    const release = await holdBack(page, 'Identity')
    await page.goto(`${explorer.service.url}/autoid/${story.person}`)
    await page.locator('h1').getByText('Story Person.dev').waitFor()
    const badge = page.locator('.identity-head .badge')
    expect(await badge.innerText()).toContain('Loading')
    release()
    await expect.poll(() => badge.innerText()).toContain('Active')
    await close()
  })

  it('marks what an identity shows as of another moment, also on the way back to the present', async () => {
    const { page, close } = await explorer.open(`/autoid/${story.person}?block=269`)
    await settle(page)
    const release = await holdBack(page, 'IdentityVerdict')
    await page.getByRole('button', { name: 'Back to live' }).click()
    await page.locator('main [aria-busy=true].is-moving').waitFor()
    release()
    await expect.poll(() => page.locator('.is-moving').count()).toBe(0)
    await close()
  })
})

describe('the files of a provenance', () => {
  const text = (name: string, content: string) => ({
    name,
    mimeType: 'text/plain',
    buffer: Buffer.from(content),
  })

  it('are judged together, the proof never against the file before', async () => {
    const [proof, other] = story.proofs
    const { page, close } = await explorer.open('/provenance')
    const hashes: unknown[] = []
    page.on('request', (request) => {
      if (request.postData()?.includes('query Provenance(') !== true) return
      hashes.push((request.postDataJSON() as { variables: { sha256: string } }).variables.sha256)
    })
    await page.setInputFiles('input[type=file]', [text('old.txt', other?.content ?? '')])
    await page.getByText('old.txt').waitFor()
    await page.setInputFiles('input[type=file]', [
      text('post.jws', proof?.jws ?? ''),
      text('post.txt', proof?.content ?? ''),
    ])
    await page.locator('.verdict').waitFor()
    expect(await page.locator('main').innerText()).toContain('The proof is about this file.')
    const sha256 = createHash('sha256')
      .update(proof?.content ?? '')
      .digest('hex')
    expect(new Set(hashes)).toEqual(new Set([sha256]))
    await close()
  })

  it.each(['main', 'footer'])(
    'land in their places when dropped together, on %s',
    async (place) => {
      const [proof] = story.proofs
      const { page, close } = await explorer.open('/provenance')
      await dropFiles(
        page,
        [
          { name: 'post.jws', text: proof?.jws ?? '' },
          { name: 'post.txt', text: proof?.content ?? '' },
        ],
        place,
      )
      await page.locator('.verdict').waitFor()
      expect(page.url()).toContain('/provenance')
      expect(await page.locator('.drop-zone').innerText()).toContain('post.txt')
      expect(await page.getByLabel('Proof (compact JWS').inputValue()).toBe(proof?.jws)
      expect(await page.locator('main').innerText()).toContain('The proof is about this file.')
      await close()
    },
  )

  it('beyond one of each are named as left out', async () => {
    const [proof, other] = story.proofs
    const { page, close } = await explorer.open('/provenance')
    await dropFiles(page, [
      { name: 'post.txt', text: proof?.content ?? '' },
      { name: 'other.txt', text: other?.content ?? '' },
      { name: 'post.jws', text: proof?.jws ?? '' },
    ])
    await page.locator('.verdict').waitFor()
    expect(await page.locator('.notice').first().innerText()).toMatch(/Left out:\s+other\.txt/)
    expect(await page.locator('main').innerText()).toContain('The proof is about this file.')
    await close()
  })

  it('that cannot be read, such as a folder, are said to be, and the next one is taken', async () => {
    const { page, close } = await explorer.open('/provenance')
    await page.evaluate(() => {
      const gone = () => Promise.reject(new DOMException('no file', 'NotFoundError'))
      Object.assign(Blob.prototype, { whole: Blob.prototype.arrayBuffer, arrayBuffer: gone })
    })
    await page.setInputFiles('input[type=file]', [text('folder', 'x')])
    await page.getByRole('alert').filter({ hasText: 'could not be read' }).waitFor()
    await page.evaluate(() => {
      const blob = Blob.prototype as Blob & { whole: Blob['arrayBuffer'] }
      blob.arrayBuffer = blob.whole
    })
    await page.setInputFiles('input[type=file]', [text('post.txt', 'x')])
    await page.getByText('post.txt').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    await close()
  })
})

describe('certificates dropped together', () => {
  async function chainOf(id: string): Promise<{ name: string; text: string }[]> {
    const chain = await fetch(`${explorer.service.url}/autoid/${id}.chain.pem?block=270`)
    const pems = (await chain.text()).match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g) ?? []
    return pems.map((text, index) => ({ name: `${index}.pem`, text }))
  }

  it.each(['/verify', '/events'])('on %s are one question, about the leaf', async (to) => {
    const files = await chainOf(story.agent)
    expect(files.length).toBeGreaterThan(1)
    const { page, close } = await explorer.open(to)
    await dropFiles(page, [...files].reverse())
    await page.locator('.verdict').waitFor()
    const note = `${files.length} certificates: the verdict is about the first`
    expect(await page.locator('main').innerText()).toContain(note)
    const subject = page.getByRole('region', { name: 'Subject', exact: true })
    expect(await subject.innerText()).toContain('Story Writer Agent.dev')
    await close()
  })

  it('of which one cannot be read are refused', async () => {
    const files = await chainOf(story.agent)
    const { page, close } = await explorer.open('/verify')
    await dropFiles(page, [...files, { name: 'notes.txt', text: 'hello' }])
    await page.getByRole('alert').filter({ hasText: 'or not all of them' }).waitFor()
    expect(page.url()).not.toContain('#pem=')
    await close()
  })

  it('go into the form of a call before it is sent, or are refused there', async () => {
    const [leaf] = await chainOf(story.agent)
    const { page, close } = await explorer.open('/preflight')
    await dropFiles(page, [{ name: 'notes.txt', text: 'hello' }])
    await page.getByRole('alert').filter({ hasText: 'or not all of them' }).waitFor()
    await dropFiles(page, [{ name: 'agent.pem', text: leaf?.text ?? '' }])
    await expect
      .poll(() => page.getByLabel('Signed certificate (PEM)').inputValue())
      .toBe(leaf?.text)
    expect(await page.getByRole('alert').count()).toBe(0)
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
