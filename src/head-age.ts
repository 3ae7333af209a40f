/** How old the head may be for answers about now, by the chain that the index holds: not by what a process is told of nodes. */

import { readFileSync } from 'node:fs'
import path from 'node:path'

const DEFAULT_SECONDS = 600
const sampleChain = path.resolve(__dirname, '..', 'chains', 'dev', 'chain.json')

/** Seconds by genesis hash, 0 = off: what is given; else ten minutes, but for the sample chain, whose blocks are old. */
export function maxHeadAge(given: number | null): (genesisHash: string) => number {
  if (given !== null) return () => given
  const sample = readSampleGenesis()
  return (genesisHash) => (genesisHash === sample ? 0 : DEFAULT_SECONDS)
}

/** Null where the sample is not installed: no chain is it then. */
function readSampleGenesis(): string | null {
  try {
    const { genesisHash } = JSON.parse(readFileSync(sampleChain, 'utf8')) as { genesisHash: string }
    return genesisHash
  } catch {
    return null
  }
}
