import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../support/story'
import { type Explorer, settle, startExplorer } from './explorer'
import { changeAnswers, failAnswers, holdBack } from './intercept'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

type Connection<Node> = { totalCount: number; edges: { node: Node }[] }
type Child = { id: string; commonName: string }
type Children = {
  status: { head: { hash: string } }
  autoIds: Connection<Child> & { pageInfo: { hasNextPage: boolean; endCursor: string | null } }
}
type Status = { status: { head: { hash: string } } }

const issuerPage = `/autoid/${story.organisation}?view=issuer`

describe('what an issuer has issued', () => {
  it('is asked for again when a block comes in', async () => {
    const { page, close } = await explorer.open('/provenance')
    let commonName = 'as it was'
    await changeAnswers<Children>(page, 'Children', (data) => {
      const edges = data.autoIds.edges.map(({ node }) => ({ node: { ...node, commonName } }))
      return { ...data, autoIds: { ...data.autoIds, edges } }
    })
    await page.goto(explorer.service.url + issuerPage)
    await page.locator('.children').getByText('as it was').first().waitFor()
    commonName = 'as it is'
    await changeAnswers<Status>(page, 'Status', ({ status }) => ({
      status: { ...status, head: { ...status.head, hash: `0x${'e'.repeat(64)}` } },
    }))
    await page.locator('.children').getByText('as it is').first().waitFor({ timeout: 60_000 })
    await close()
  })

  async function csvAfter(heads: readonly string[]): Promise<string> {
    const { page, close } = await explorer.open(issuerPage)
    await settle(page)
    let asked = -1
    await changeAnswers<Children>(page, 'Children', (data, { first, after }) => {
      if (first !== 200) return data
      asked += 1
      const hash = heads[Math.min(asked, heads.length - 1)] ?? ''
      const pageInfo =
        after === undefined
          ? { ...data.autoIds.pageInfo, hasNextPage: true }
          : { ...data.autoIds.pageInfo, hasNextPage: false }
      return { status: { head: { hash } }, autoIds: { ...data.autoIds, pageInfo } }
    })
    const download = page.waitForEvent('download', { timeout: 10_000 }).catch(() => undefined)
    await page.getByRole('button', { name: 'CSV' }).click()
    const alert = page.getByRole('alert')
    await Promise.race([download, alert.waitFor()])
    const said = (await alert.count()) === 0 ? '' : await alert.innerText()
    const file = await download
    const text = file === undefined ? said : fs.readFileSync(await file.path(), 'utf8')
    await close()
    return text
  }

  it('is one list of one head as CSV: begun again when the chain moves meanwhile', async () => {
    const text = await csvAfter(['0x1', '0x2', '0x2', '0x2'])
    const ids = text.split('\r\n').slice(1, -1)
    expect(new Set(ids).size).toBe(ids.length)
    expect(text).toContain('Story Person.dev')
  })

  it('is no file when the chain does not hold still', async () => {
    const heads = Array.from({ length: 20 }, (_, index) => `0x${index}`)
    expect(await csvAfter(heads)).toContain('New blocks came in')
  })
})

describe('an issuer at a moment', () => {
  it('says that its CRL is the present one, and counts what expires from the block', async () => {
    const { page, close } = await explorer.open('/provenance')
    const asked = await changeAnswers(page, 'IssuerExpiring', (data) => data)
    await page.goto(`${explorer.service.url + issuerPage}&block=270`)
    await page.getByRole('link', { name: 'Revocation list as it is now (CRL)' }).waitFor()
    await settle(page)
    const { block } = await explorer.ask<{ block: { timestamp: string } }>(
      '{ block(height: 270) { timestamp } }',
    )
    const days = (Date.parse(String(asked[0]?.['soon'])) - Date.parse(block.timestamp)) / 86_400_000
    expect(days).toBeGreaterThanOrEqual(90)
    expect(days).toBeLessThan(91)
    await close()
  })

  it('shows a revocation list of thousands a page at a time', async () => {
    const { page, close } = await explorer.open('/provenance')
    type Lists = { revocationList: { entries: { serial: string }[] } }
    const root = await explorer.idOf('rev-root.dev')
    await changeAnswers<Lists>(page, 'RevocationList', ({ revocationList }) => {
      const [entry] = revocationList.entries
      const entries = Array.from({ length: 3_000 }, (_, index) => ({
        ...entry,
        serial: `0xabc${index}`,
      }))
      return { revocationList: { ...revocationList, entries } }
    })
    await page.goto(`${explorer.service.url}/autoid/${root}?view=issuer`)
    const list = page.getByRole('region', { name: 'Revocation list' })
    await list.getByText('0xabc0', { exact: true }).waitFor()
    expect(await list.getByRole('row').count()).toBe(26)
    await list.getByRole('button', { name: 'Next' }).click()
    await list.getByText('0xabc25', { exact: true }).waitFor()
    await close()
  })

  it('keeps its files at hand when a part of it fails', async () => {
    const { page, close } = await explorer.open('/provenance')
    await failAnswers(page, 'RevocationList', 'the list is too long')
    await page.goto(explorer.service.url + issuerPage)
    await page.getByRole('alert').filter({ hasText: 'the list is too long' }).waitFor()
    await page.getByRole('link', { name: 'CRL' }).waitFor()
    await page.getByRole('button', { name: 'CSV' }).waitFor()
    await page.locator('.children').waitFor()
    await close()
  })
})

describe('the events of an identity at a moment', () => {
  it('are those up to it, however many came after', async () => {
    const { page, close } = await explorer.open('/provenance')
    const id = await explorer.idOf('rev-x.dev')
    type Life = { autoId: { events: Connection<object> } }
    // As if a hundred later ones had pushed them out of the newest.
    await changeAnswers<Life>(page, 'IdentityLife', ({ autoId }) => ({
      autoId: { ...autoId, events: { totalCount: 150, edges: autoId.events.edges.slice(0, 1) } },
    }))
    await page.goto(`${explorer.service.url}/autoid/${id}?block=105`)
    await settle(page)
    const events = page.getByRole('region', { name: 'Events' })
    expect(await events.getByRole('row').count()).toBe(2)
    expect(await events.innerText()).toContain('149 later events')
    expect(await page.locator('main').innerText()).not.toContain('Nothing had happened by then')
    expect(await page.getByRole('region', { name: 'Life' }).innerText()).toContain('1 of 150')
    await close()
  })
})

describe('a list that is cut', () => {
  it('says so: the events of a block', async () => {
    const { page, close } = await explorer.open('/provenance')
    type Block = { events: Connection<object> }
    await changeAnswers<Block>(page, 'Block', (data) => ({
      ...data,
      events: { ...data.events, totalCount: 400 },
    }))
    await page.goto(`${explorer.service.url}/block/62`)
    const events = page.getByRole('region', { name: 'Registry events' })
    await events.getByText('of 400 are shown').waitFor()
    const all = await events.getByRole('link', { name: 'All events' }).getAttribute('href')
    expect(all).toBe('/events?from=62&to=62')
    await close()
  })
})

describe('search', () => {
  const box = { name: 'Search the registry' }

  it('says that it failed, never that there is nothing', async () => {
    const { page, close } = await explorer.open('/provenance')
    await failAnswers(page, 'Search', 'out of order')
    await page.getByRole('combobox', box).fill('Story')
    await page.locator('.search__none').getByText('could not be answered').waitFor()
    expect(await page.locator('search').innerText()).not.toContain('Nothing found')
    await close()
  })

  it('goes where Enter was pressed for, also before the answer is there', async () => {
    const { page, close } = await explorer.open('/provenance')
    const release = await holdBack(page, 'Search')
    await page.getByRole('combobox', box).fill('Story Writer Agent.dev')
    await page.getByRole('combobox', box).press('Enter')
    release()
    await page.waitForURL(/\/autoid\/0x/)
    await expect.poll(() => page.locator('h1').innerText()).toContain('Story Writer Agent')
    await close()
  })

  it('goes nowhere when Escape took the wish back', async () => {
    const { page, close } = await explorer.open('/provenance')
    const release = await holdBack(page, 'Search')
    const answered = page.waitForResponse((each) =>
      Boolean(each.request().postData()?.includes('query Search')),
    )
    await page.getByRole('combobox', box).fill('Story Writer Agent.dev')
    await page.getByRole('combobox', box).press('Enter')
    await page.getByRole('combobox', box).press('Escape')
    release()
    await answered
    await page.getByRole('combobox', box).press('ArrowDown')
    await page.locator('search').getByRole('option').first().waitFor()
    expect(page.url()).toContain('/provenance')
    await close()
  })

  it('leads from a key to its holders alone', async () => {
    const { autoId } = await explorer.ask<{ autoId: { publicKey: { sha256: string } } }>(
      'query ($id: ID!) { autoId(id: $id) { publicKey { sha256 } } }',
      { id: story.person },
    )
    const { page, close } = await explorer.open('/provenance')
    await page.getByRole('combobox', box).fill(autoId.publicKey.sha256)
    await page.locator('search').getByRole('option').filter({ hasText: 'Key' }).first().click()
    await page.getByRole('table').waitFor()
    expect(await page.getByRole('table').innerText()).toContain('Story Person.dev')
    expect(await page.getByRole('row').count()).toBeLessThan(5)
    await close()
  })
})

describe('a filter', () => {
  it('keeps a blank that is typed between two words', async () => {
    const { page, close } = await explorer.open('/autoids')
    const name = page.getByLabel('Name contains')
    await name.pressSequentially('Story ')
    await page.waitForURL(/name=Story/)
    await name.pressSequentially('Person')
    await page.waitForURL(/name=Story(\+|%20)Person/)
    expect(await name.inputValue()).toBe('Story Person')
    await page.getByRole('table').getByText('Story Person.dev').first().waitFor()
    await close()
  })

  it('that has no field of its own is named, and can be taken away', async () => {
    const { page, close } = await explorer.open('/autoids?finding=ISSUER_NOT_CA')
    await settle(page)
    const all = async () => Number(/of (\d+)/.exec(await page.locator('.pager').innerText())?.[1])
    const cut = await all()
    const chip = page.getByRole('button', { name: 'Remove the filter: Issuer is no CA' })
    await chip.click()
    await page.waitForURL((url) => !url.search.includes('finding='))
    await expect.poll(all).toBeGreaterThan(cut)
    expect(await chip.count()).toBe(0)
    await close()
  })

  it('of failed calls finds those about an identity, an issuer, an account and a span of blocks', async () => {
    const { failedCalls } = await explorer.ask<{
      failedCalls: { nodes: { autoIdId: string; issuerId: string; signer: string }[] }
    }>(
      '{ failedCalls(first: 1, filter: { call: RENEW, status: FAILED, toBlock: 264 }, orderBy: NEWEST_FIRST) { nodes { autoIdId issuerId signer } } }',
    )
    const [refused] = failedCalls.nodes
    const { page, close } = await explorer.open(`/autoid/${refused?.autoIdId}`)
    await settle(page)
    const asked = await changeAnswers(page, 'FailedCalls', (data) => data)
    const events = page.getByRole('region', { name: 'Events' })
    await events.getByRole('link', { name: 'Failed calls' }).click()
    await page.waitForURL(/\/failed\?id=0x/)
    await page.getByRole('table').waitFor()
    expect(await page.getByLabel('Auto ID', { exact: true }).inputValue()).toBe(refused?.autoIdId)
    for (const [label, value] of [
      ['Issuer (Auto ID)', refused?.issuerId ?? ''],
      ['Paid by (account)', refused?.signer ?? ''],
      ['From block', '2'],
      ['To block', '264'],
    ] as const) {
      await page.getByLabel(label).fill(value)
      await page.getByLabel(label).press('Enter')
    }
    const filter = {
      autoId: refused?.autoIdId,
      issuerId: refused?.issuerId,
      signer: refused?.signer,
      fromBlock: 2,
      toBlock: 264,
    }
    await expect.poll(() => asked.at(-1)?.['filter']).toEqual(filter)
    await page.getByRole('table').waitFor()
    expect(await page.getByRole('row').count()).toBeGreaterThan(1)
    await close()
  })
})
