import fs from 'node:fs'
import path from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { ask, type ExplorerService, launchBrowser, startExplorerService } from './service'

/** What tests leave to be looked at: pictures of pages, and paper. */
export const artefacts = path.resolve(__dirname, '..', '..', 'test-artefacts', 'explorer')
fs.mkdirSync(artefacts, { recursive: true })

type Look = { readonly width?: number; readonly theme?: 'light' | 'dark' }

export type Opened = {
  readonly page: Page
  /** Errors on the console, a refused script or style among them, and uncaught ones. */
  readonly problems: readonly string[]
  /** Requests to anybody but the service. */
  readonly strangers: readonly string[]
  close(): Promise<void>
}

/** A running service and a browser in front of it. */
export class Explorer {
  constructor(
    readonly service: ExplorerService,
    readonly browser: Browser,
  ) {}

  ask<T>(query: string, variables: object = {}): Promise<T> {
    return ask<T>(this.service.url, query, variables)
  }

  openContext({ width = 1440, theme = 'light' }: Look): Promise<BrowserContext> {
    const height = width < 500 ? 812 : 900
    return this.browser.newContext({ viewport: { width, height }, colorScheme: theme })
  }

  /** Without a context the page gets one of its own, with nothing cached. */
  async open(to: string, given?: BrowserContext): Promise<Opened> {
    const context = given ?? (await this.openContext({}))
    const page = await context.newPage()
    const problems: string[] = []
    const strangers: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(this.service.url) && !url.startsWith('blob:')) strangers.push(url)
    })
    await page.goto(this.service.url + to)
    await page.locator('h1').waitFor()
    const close = async () => {
      // Answers that a test changes on their way are let go before the page is.
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      await (given === undefined ? context.close() : page.close())
    }
    return { page, problems, strangers, close }
  }

  async idOf(commonName: string): Promise<string> {
    const { autoIds } = await this.ask<{ autoIds: { nodes: { id: string }[] } }>(
      `query ($name: String!) {
        autoIds(filter: { commonNameContains: $name }, first: 1) { nodes { id } }
      }`,
      { name: commonName },
    )
    const id = autoIds.nodes[0]?.id
    if (id === undefined) throw new Error(`the sample chain has no identity named ${commonName}`)
    return id
  }

  async readHeight(): Promise<number> {
    const { status } = await this.ask<{ status: { head: { height: number } } }>(
      '{ status { head { height } } }',
    )
    return status.head.height
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.service.close()
  }
}

export async function startExplorer(
  settings: Readonly<Record<string, string>> = {},
  neededHeight?: number,
): Promise<Explorer> {
  const service = await startExplorerService(settings, neededHeight)
  try {
    return new Explorer(service, await launchBrowser())
  } catch (error) {
    await service.close()
    throw error
  }
}

/** Nothing is loading any more. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('.skeleton') === null)
}
