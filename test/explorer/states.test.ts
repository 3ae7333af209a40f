import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { violationsOf } from './axe'
import { artefacts, type Explorer, settle, startExplorer } from './explorer'
import { changeAnswers } from './intercept'
import { readQr } from './qr-reader'

const CERTIFICATE_TABS = ['Fields', 'Extensions', 'Key', 'Text', 'PEM', 'ASN.1']

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

type State = {
  readonly name: string
  readonly to: string
  readonly reach: (page: Page) => Promise<void>
}

const identity = `/autoid/${story.person}`

async function fillAndSend(page: Page, label: string, text: string, button: string): Promise<void> {
  await page.getByLabel(label).fill(text)
  await page.locator('main').getByRole('button', { name: button, exact: true }).click()
  await page.locator('.verdict, main .state[role=alert]').first().waitFor()
}

const states: readonly State[] = [
  {
    name: 'downloads',
    to: identity,
    reach: async (page) => {
      await page.getByRole('button', { name: 'Download' }).click()
      await page.locator('.menu a').first().waitFor()
    },
  },
  {
    name: 'share',
    to: identity,
    reach: async (page) => {
      await page.getByRole('button', { name: 'Share' }).click()
      await page.locator('.qr').waitFor()
    },
  },
  ...CERTIFICATE_TABS.map((tab) => ({
    name: `certificate-${tab.toLowerCase().replace('.', '')}`,
    to: identity,
    reach: (page: Page) => page.getByRole('tab', { name: tab }).click(),
  })),
  {
    name: 'search-list',
    to: '/events',
    reach: async (page) => {
      await page.getByRole('combobox', { name: 'Search the registry' }).fill('Story')
      await page.locator('search').getByRole('option').first().waitFor()
    },
  },
  {
    name: 'children',
    to: identity,
    reach: async (page) => {
      await page
        .getByRole('button', { name: /^issued \d/ })
        .first()
        .click()
      await page.locator('.children .badge').first().waitFor()
    },
  },
  {
    name: 'token-answer',
    to: '/token',
    reach: (page) => fillAndSend(page, 'Token (compact JWT)', 'a.b.c', 'Verify'),
  },
  {
    name: 'preflight-answer',
    to: `/preflight?renews=${story.person}&issuer=${story.organisation}`,
    reach: async (page) => {
      const { autoId } = await explorer.ask<{ autoId: { certificate: { pem: string } } }>(
        'query ($id: ID!) { autoId(id: $id) { certificate { pem } } }',
        { id: story.person },
      )
      await fillAndSend(
        page,
        'Signed certificate (PEM)',
        autoId.certificate.pem,
        "Ask the chain's rules",
      )
    },
  },
  {
    name: 'provenance-answer',
    to: '/provenance',
    reach: (page) => fillAndSend(page, 'Proof (compact JWS', story.proofs[0]?.jws ?? '', 'Check'),
  },
]

describe('what opens on a page', () => {
  it.each(states)('is accessible: $name', async ({ name, to, reach }) => {
    const context = await explorer.openContext({ width: name.length % 2 === 0 ? 1440 : 375 })
    const { page, problems } = await explorer.open(to, context)
    await settle(page)
    await reach(page)
    await settle(page)
    expect(await violationsOf(page)).toEqual([])
    expect(problems).toEqual([])
    await page.screenshot({ path: path.join(artefacts, `state-${name}.png`) })
    await context.close()
  })
})

/** ISO/IEC 18004 §6.3.8: scanners look for four light modules around the code. */
const QUIET_ZONE = 4

describe('a link to share', () => {
  it('that cannot be copied is said to be so, for all to see', async () => {
    const { page, close } = await explorer.open(identity)
    await settle(page)
    await page.evaluate(() => {
      navigator.clipboard.writeText = () =>
        Promise.reject(new DOMException('no', 'NotAllowedError'))
    })
    await page.getByRole('button', { name: 'Share' }).click()
    const copy = page.getByRole('button', { name: 'Copy: Copy live link' })
    await copy.click()
    await copy.getByText('Could not copy').first().waitFor()
    expect(await copy.getAttribute('title')).toBe('Could not copy')
    await close()
  })

  it.each(['light', 'dark'] as const)(
    'can be scanned off the screen, %s, and names the block that the page shows',
    async (theme) => {
      const context = await explorer.openContext({ theme })
      const { page } = await explorer.open(`${identity}?block=271`, context)
      await settle(page)
      await page.getByRole('button', { name: 'Share' }).click()
      const { text, quietZone } = await readQr(page.locator('.qr'))
      expect(text).toBe(`${explorer.service.url}${identity}?block=271`)
      expect(await page.locator('.share').innerText()).toContain(text)
      expect(quietZone).toBeGreaterThanOrEqual(QUIET_ZONE - 0.5)
      await page.goto(text)
      await page.locator('.moment-bar').getByText('block 271').waitFor()
      await context.close()
    },
  )

  it('names its block, and the copy buttons hand it out', async () => {
    const context = await explorer.openContext({})
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const { page } = await explorer.open(identity, context)
    await settle(page)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('button', { name: 'Copy: Copy link to this moment' }).click()
    await page.getByText('Copied').first().waitFor({ state: 'attached' })
    const copied = () => page.evaluate(() => navigator.clipboard.readText())
    const link = await copied()
    expect(link).toMatch(
      new RegExp(`^${explorer.service.url}/autoid/${story.person}\\?block=\\d+$`),
    )
    await page.getByRole('button', { name: 'Copy: Copy live link' }).click()
    await expect.poll(copied).toBe(`${explorer.service.url}${identity}`)
    await page.goto(link)
    await page.locator('.moment-bar').waitFor()
    await page.locator('.identity-head').getByRole('button', { name: 'Copy: Auto ID' }).click()
    await expect.poll(copied).toBe(story.person)
    await context.close()
  })
})

describe('the colours', () => {
  it('go from the system’s to light to dark, and stay so after a reload', async () => {
    const { page, close } = await explorer.open('/provenance')
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme'])
    expect(await theme()).toBeUndefined()
    await page.getByRole('button', { name: 'Colours: as the system' }).click()
    expect(await theme()).toBe('light')
    await page.getByRole('button', { name: 'Colours: light' }).click()
    expect(await theme()).toBe('dark')
    await page.reload()
    await page.getByRole('button', { name: 'Colours: dark' }).click()
    expect(await theme()).toBeUndefined()
    await close()
  })
})

describe('a time', () => {
  it('is local, and says UTC on hover and on focus', async () => {
    const { page, close } = await explorer.open('/block/62')
    await settle(page)
    const { block } = await explorer.ask<{ block: { timestamp: string } }>(
      '{ block(height: 62) { timestamp } }',
    )
    const utc = block.timestamp.replace('T', ' ').replace('Z', ' UTC')
    const time = page.locator('main button.time').first()
    await time.hover()
    await page.getByRole('tooltip').getByText(utc).waitFor({ state: 'attached' })
    await page.mouse.move(0, 0)
    await time.focus()
    await page.getByRole('tooltip').getByText(utc).waitFor({ state: 'attached' })
    await page.goto(`${explorer.service.url}/events`)
    await settle(page)
    expect(await page.locator('table time').first().getAttribute('title')).toMatch(/ UTC$/)
    await close()
  })
})

describe('a further registry', () => {
  it('has pages that ask it, and no other', async () => {
    const { page, close } = await explorer.open('/provenance')
    const asked: string[] = []
    await page.route('**/r/twin/**', async (route) => {
      const url = route.request().url()
      if (url.includes('graphql')) asked.push(url)
      // A stream has no end to wait for; the poll underneath keeps the page alive.
      if (route.request().headers()['accept'] === 'text/event-stream') return route.abort()
      const answer = await route.fetch({ url: url.replace('/r/twin/', '/') })
      await route.fulfill({ response: answer })
    })
    const first: string[] = []
    page.on('request', (request) => {
      if (request.url() === `${explorer.service.url}/graphql`) first.push(request.url())
    })
    await page.goto(`${explorer.service.url}/r/twin/autoids`)
    await page.getByRole('table').waitFor()
    first.length = 0
    await page.getByRole('link', { name: 'Events' }).first().click()
    await page.getByRole('table', { name: 'Events' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/r/twin/events')
    expect(asked.length).toBeGreaterThan(1)
    expect(first).toEqual([])
    await close()
  })
})

describe('the claims of a token', () => {
  it('are a stranger’s text: what could turn a line around is shown as its code', async () => {
    const { page, close } = await explorer.open('/token')
    await changeAnswers<{ verifyToken: object }>(page, 'Token', ({ verifyToken }) => ({
      verifyToken: { ...verifyToken, claims: { note: 'good \u202edoog' } },
    }))
    await fillAndSend(page, 'Token (compact JWT)', 'a.b.c', 'Verify')
    const shown = page.locator('.code')
    expect(await shown.innerText()).toContain('"note": "good U+202Edoog"')
    await close()
  })
})

describe('a name that does not fit', () => {
  it('is whole in its title, with its invisible characters as codes', async () => {
    const { page, close } = await explorer.open('/autoids?name=%E2%80%AE')
    const name = page.locator('table .name--line').first()
    expect(await name.getAttribute('title')).toContain('<U+202E>')
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
