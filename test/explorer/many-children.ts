import type { Page } from 'playwright-core'

type ChildPage = { readonly first: number; readonly after?: string }
type Children = {
  data: {
    autoIds: {
      totalCount: number
      pageInfo: object
      edges: { node: { id: string; commonName: string; issued: { totalCount: number } } }[]
    }
  }
}

/** The sample chain has no issuer of thousands: real answers, with rows made from their first one. */
export async function giveManyChildren(page: Page, count: number): Promise<void> {
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON() as { query?: string; variables: ChildPage }
    if (body.query?.includes('query Children') !== true) return route.continue()
    const { after: _, ...variables } = body.variables
    const answer = await route.fetch({ postData: JSON.stringify({ ...body, variables }) })
    await route.fulfill({ json: manyChildren(await answer.json(), body.variables, count) })
  })
}

function manyChildren(answer: Children, { first, after }: ChildPage, count: number): Children {
  const { autoIds } = answer.data
  const from = after === undefined ? 0 : Number(after)
  const to = Math.min(count, from + first)
  const [row] = autoIds.edges
  const sample = row ?? { node: { id: '', commonName: '', issued: { totalCount: 0 } } }
  const edges = Array.from({ length: to - from }, (_, index) => ({
    ...sample,
    node: {
      ...sample.node,
      id: `0x${(from + index).toString(16).padStart(64, '0')}`,
      commonName: `child-${from + index}`,
      issued: { ...sample.node.issued, totalCount: 0 },
    },
  }))
  const pageInfo = { ...autoIds.pageInfo, hasNextPage: to < count, endCursor: String(to) }
  return { data: { autoIds: { ...autoIds, totalCount: count, pageInfo, edges } } }
}
