import type { Page, Route } from 'playwright-core'

/** The operation that a request asks for, such as `Children`. */
function operationOf(route: Route): string | undefined {
  return /query (\w+)/.exec(route.request().postData() ?? '')?.[1]
}

/** Holds back the answers to `query` from now on; the returned function lets them go. */
export async function holdBack(page: Page, query: string): Promise<() => void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/graphql', async (route) => {
    if (operationOf(route) === query) await released
    await route.fallback().catch(() => {})
  })
  return release
}

/** Real answers to `query`, changed; the returned list holds the variables they were asked with. */
export async function changeAnswers<Data>(
  page: Page,
  query: string,
  change: (data: Data, variables: Record<string, unknown>) => Data,
): Promise<Record<string, unknown>[]> {
  const asked: Record<string, unknown>[] = []
  await page.route('**/graphql', async (route) => {
    if (operationOf(route) !== query) return route.fallback()
    const { variables } = route.request().postDataJSON() as { variables: Record<string, unknown> }
    asked.push(variables)
    const answer = await route.fetch()
    const { data } = (await answer.json()) as { data: Data }
    await route.fulfill({ json: { data: change(data, variables) } })
  })
  return asked
}

/** Errors in place of the answers to `query`, until the returned function is called. */
export async function failAnswers(
  page: Page,
  query: string,
  message: string,
): Promise<() => Promise<void>> {
  const json = { errors: [{ message, extensions: { code: 'INTERNAL' } }] }
  const fail = (route: Route) =>
    operationOf(route) === query ? route.fulfill({ json }) : route.fallback()
  await page.route('**/graphql', fail)
  return () => page.unroute('**/graphql', fail)
}
