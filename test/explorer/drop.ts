import type { Page } from 'playwright-core'

type Dropped = { readonly name: string; readonly text: string }

/** Drops files on `place` together, in this order. */
export async function dropFiles(
  page: Page,
  files: readonly Dropped[],
  place = 'main',
): Promise<void> {
  const dataTransfer = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer()
    for (const { name, text } of given) transfer.items.add(new File([text], name))
    return transfer
  }, files)
  await page.locator(place).dispatchEvent('dragover', { dataTransfer })
  await page.locator('.drop-veil').waitFor()
  await page.locator(place).dispatchEvent('drop', { dataTransfer })
  await page.locator('.drop-veil').waitFor({ state: 'detached' })
}
