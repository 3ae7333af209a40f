import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Explorer, startExplorer } from './explorer'

let explorer: Explorer

beforeAll(async () => {
  explorer = await startExplorer()
}, 300_000)

afterAll(() => explorer?.close())

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
