/** Waiting for what another process, a socket or the next poll brings. */

const LONGEST_MS = 60_000

/** Asks again and again until it holds. @throws {Error} that names what was awaited, after a minute. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = holds.toString(),
): Promise<void> {
  const deadline = Date.now() + LONGEST_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
