/** What is fuzzed: each case alone repeats from its seed. */

import type { Random } from '../../src/devnet/maker/random'

export type Target = {
  readonly name: string
  /** Throws when the case shows a fault. Tells whether the input was taken (true) or refused as it should be. */
  readonly run: (random: Random) => boolean | Promise<boolean>
}

/** What a target that refuses by exceptions may throw. */
export async function refuses(work: () => unknown, allowed: readonly string[]): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof Error && allowed.includes(error.name)) return false
    throw error
  }
}
