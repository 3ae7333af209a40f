import { createPrivateKey } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { type Explorer, settle, startExplorer } from './explorer'
import { giveManyChildren } from './many-children'

const fixtures = path.resolve(__dirname, '..', 'fixtures', 'dev')

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

describe('search', () => {
  type Known = {
    autoId: {
      commonName: string
      serial: string
      publicKey: { sha256: string }
      certificate: { fingerprint: string; tbsFingerprint: string }
    }
    events: {
      nodes: {
        extrinsicHash: string
        signer: string
        signerAddress: string
        block: { height: number; hash: string }
      }[]
    }
  }

  it('finds each kind of thing, and leads to its page', async () => {
    const { autoId, events } = await explorer.ask<Known>(
      `query ($id: ID!) {
        autoId(id: $id) {
          commonName serial publicKey { sha256 } certificate { fingerprint tbsFingerprint }
        }
        events(filter: { autoId: $id }, first: 1) {
          nodes { extrinsicHash signer signerAddress block { height hash } }
        }
      }`,
      { id: story.person },
    )
    const [event] = events.nodes
    if (event === undefined) throw new Error('the story has no event')
    const identity = `/autoid/${story.person}`
    const cases: readonly (readonly [text: string, kind: string, leadsTo: string])[] = [
      [story.person, 'Identity', identity],
      [story.person.slice(0, 12), 'Identity', identity],
      [autoId.commonName, 'Identity', identity],
      [autoId.certificate.fingerprint, 'Certificate', '/certificate/'],
      [autoId.certificate.tbsFingerprint, 'Certificate', '/certificate/'],
      [autoId.serial, 'Certificate', '/certificate/'],
      [autoId.publicKey.sha256, 'Key', autoId.publicKey.sha256],
      [String(event.block.height), 'Block', `/block/${event.block.height}`],
      [event.block.hash, 'Block', `/block/${event.block.height}`],
      [event.extrinsicHash, 'Extrinsic', `/extrinsic/${event.extrinsicHash}`],
      [event.signer, 'Account', '/events?signer='],
      [event.signerAddress, 'Account', '/events?signer='],
    ]
    const { page, close } = await explorer.open('/provenance')
    for (const [text, kind, leadsTo] of cases) {
      await page.getByRole('combobox', { name: 'Search the registry' }).fill(text)
      const option = page.getByRole('option').filter({ hasText: kind }).first()
      await option.click()
      await expect.poll(() => page.url(), { message: `${kind}: ${text}` }).toContain(leadsTo)
      await page.locator('main h1').waitFor()
    }
    await close()
  })

  it('says so when there is nothing, also to who cannot see it', async () => {
    const { page, close } = await explorer.open('/provenance')
    await page
      .getByRole('combobox', { name: 'Search the registry' })
      .fill('nobody is called like this')
    await page.getByText('Nothing found.').waitFor()
    await expect.poll(() => page.locator('search [role=status]').innerText()).toBe('0 results')
    await close()
  })
})

describe('a page that nobody knows', () => {
  it('says so with status 404, and leads back', async () => {
    const { page, close } = await explorer.open('/provenance')
    const answer = await page.goto(`${explorer.service.url}/nonsense`)
    expect(answer?.status()).toBe(404)
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    await page.locator('main').getByRole('link', { name: 'Dashboard' }).click()
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
    await close()
  })
})

describe('the verification page', () => {
  it('turns the verdict by a rule, and says what it was turned by', async () => {
    const { page, close } = await explorer.open(`/verify?subject=${story.person}`)
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Valid')
    await page.locator('summary', { hasText: 'More rules' }).click()
    await page.getByLabel('Most issuers below the root').fill('0')
    await page.waitForURL(/pathlen=0/)
    await page.getByLabel('Reject findings from').selectOption('INFO')
    await page.waitForURL(/reject=INFO/)
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Invalid')
    await page.goto(`${explorer.service.url}/verify?subject=${story.agent}&block=276`)
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('Revoked in block 276')
    await close()
  })

  it('answers nothing when a rule in the address cannot be understood', async () => {
    const { page, close } = await explorer.open(`/verify?subject=${story.person}&final=surely`)
    await page.getByText('cannot be understood').waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    await close()
  })
})

describe('the tabs', () => {
  it.each(['/verify', '/token', '/preflight'])('stand whole on a phone: %s', async (to) => {
    const context = await explorer.openContext({ width: 375 })
    const { page } = await explorer.open(to, context)
    for (const tab of await page.locator('.tabs__tab').all()) {
      const box = await tab.boundingBox()
      expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(375)
    }
    await context.close()
  })
})

describe('the token page', () => {
  async function token(): Promise<string> {
    const keys = JSON.parse(fs.readFileSync(path.join(fixtures, 'keys.json'), 'utf8')) as {
      pkcs8Pem: string
      usedFor: { autoId: string }[]
    }[]
    const mine = keys.find(({ usedFor }) => usedFor.some(({ autoId }) => autoId === story.person))
    return new SignJWT({ scope: 'publish' })
      .setProtectedHeader({ alg: 'ES256', kid: story.person })
      .setIssuer(story.person)
      .setSubject(story.agent)
      .setAudience('https://press.example')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(createPrivateKey(mine?.pkcs8Pem ?? ''))
  }

  it.each([
    ['https://press.example', 'Valid', 'publish'],
    ['https://bank.example', 'Invalid', 'For another audience.'],
  ])(
    'tells what a token is worth at %s, typed and sent at once',
    async (audience, verdict, reason) => {
      const { page, close } = await explorer.open('/token')
      await page.getByLabel('Token (compact JWT)').fill(await token())
      await page.getByLabel('Audience').fill(audience)
      await page.getByLabel('Audience').press('Enter')
      await page.locator('.verdict').waitFor()
      expect(await page.locator('.verdict').innerText()).toContain(verdict)
      expect(await page.locator('main').innerText()).toContain(reason)
      expect(page.url()).not.toContain('eyJ')
      await close()
    },
  )
})

describe('a call before it is sent', () => {
  async function pemOf(id: string): Promise<string> {
    const { autoId } = await explorer.ask<{ autoId: { certificate: { pem: string } } }>(
      'query ($id: ID!) { autoId(id: $id) { certificate { pem } } }',
      { id },
    )
    return autoId.certificate.pem
  }

  async function answer(to: string, pem: string): Promise<string> {
    const { page, close } = await explorer.open(to)
    await page.getByLabel('Signed certificate (PEM)').fill(pem)
    await page.getByRole('button', { name: "Ask the chain's rules" }).click()
    await page.locator('.verdict').waitFor()
    const text = await page.locator('main').innerText()
    await close()
    return text
  }

  it('is refused in words: a renewal to the serial in force', async () => {
    const to = `/preflight?renews=${story.person}&issuer=${story.organisation}`
    const text = await answer(to, await pemOf(story.person))
    expect(text).toContain('Renew: the chain would refuse it.')
    expect(text).toContain('AutoId.CertificateSerialAlreadyIssued')
  })

  it('is asked about with the issuer typed last, sent at once', async () => {
    const { page, close } = await explorer.open(`/preflight?renews=${story.person}`)
    await page.getByLabel('Signed certificate (PEM)').fill(await pemOf(story.person))
    const sent = page.waitForRequest((each) => each.postData()?.includes('query Simulate') === true)
    await page.getByLabel('Issuer (Auto ID)').fill(story.organisation)
    await page.getByLabel('Issuer (Auto ID)').press('Enter')
    const { variables } = (await sent).postDataJSON() as { variables: object }
    expect(variables).toMatchObject({
      certificate: { issuerId: story.organisation, renews: story.person },
    })
    await close()
  })

  it('is accepted with what it would change: a root that comes back', async () => {
    const { autoIds } = await explorer.ask<{
      autoIds: { nodes: { id: string; certificate: { pem: string | null } }[] }
    }>(
      '{ autoIds(filter: { status: DEACTIVATED, kind: ROOT }, first: 50) { nodes { id certificate { pem } } } }',
    )
    for (const { certificate } of autoIds.nodes) {
      if (certificate.pem === null) continue
      const { simulate } = await explorer.ask<{ simulate: { outcome: string } }>(
        'query ($pem: String!) { simulate(certificate: { pem: $pem }) { outcome } }',
        { pem: certificate.pem },
      )
      if (simulate.outcome !== 'APPLIED') continue
      const text = await answer('/preflight', certificate.pem)
      expect(text).toContain('Register: the chain would accept it now.')
      expect(text).toContain('Not registered')
      return
    }
    throw new Error('no deactivated root of the sample chain could come back')
  })
})

describe('an issuer of thousands', () => {
  const COUNT = 2_400

  it('opens to all of them by scrolling, a page at a time', async () => {
    const { page, close } = await explorer.open('/provenance')
    await giveManyChildren(page, COUNT)
    await page.goto(
      `${explorer.service.url}/autoid/${await explorer.idOf('nest-root.dev')}?view=issuer`,
    )
    const list = page.locator('.children').first()
    await list.waitFor()
    const rows = list.locator(':scope > li:has(.badge)')
    await expect
      .poll(
        async () => {
          await list.evaluate((element) => element.scrollTo(0, element.scrollHeight))
          return rows.count()
        },
        { timeout: 60_000, interval: 50 },
      )
      .toBe(COUNT)
    expect(await list.getByRole('button', { name: 'Show more' }).count()).toBe(0)
    // One row is drawn, not all of them: those out of sight have no layout of their own.
    const last = rows.last()
    await last.scrollIntoViewIfNeeded()
    expect(await last.innerText()).toContain(`child-${COUNT - 1}`)
    await close()
  })
})

describe('a screen reader', () => {
  it('is told where the slider stands, and the verdict that follows', async () => {
    const id = await explorer.idOf('rev-x.dev')
    const { page, close } = await explorer.open(`/autoid/${id}?block=105`)
    await settle(page)
    const slider = page.getByRole('slider')
    await slider.focus()
    expect(await slider.getAttribute('aria-valuetext')).toContain('Block 105')
    await page.keyboard.press('PageUp')
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain('Block 106')
    await expect.poll(() => page.locator('.verdict[role=status]').innerText()).toContain('Invalid')
    await expect.poll(() => page.locator('.moment-bar[role=status]').innerText()).toContain('106')
    await close()
  })

  it('reads the chart as a table, and hears of the chain', async () => {
    const { page, close } = await explorer.open('/')
    await settle(page)
    const table = page.getByRole('table', { name: 'Activity' })
    await table.waitFor({ state: 'attached' })
    const snapshot = await table.ariaSnapshot()
    expect(snapshot).toMatch(/columnheader "Registered"/)
    expect(snapshot).toMatch(/rowheader/)
    await page.getByRole('link', { name: /^Live\. Indexed head: block \d/ }).waitFor()
    await close()
  })

  it('goes by the headings of an identity', async () => {
    const { page, close } = await explorer.open(`/autoid/${story.person}`)
    await settle(page)
    const headings = await page.getByRole('heading').allInnerTexts()
    expect(headings).toEqual([
      'Story Person.dev',
      'Life',
      'Chain of trust',
      'Claims',
      'Findings',
      'Certificate in force',
      'Registrations',
      'Events',
      'Registry entry',
    ])
    await close()
  })
})
