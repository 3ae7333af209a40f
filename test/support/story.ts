/** The story that the recorded chain tells: who is who in it, what the agent signed, and everybody's keys. */

import { readFileSync } from 'node:fs'

export type Story = Record<
  'organisation' | 'person' | 'agent' | 'partner' | 'agentUnderPartner' | 'service' | 'client',
  string
> & { readonly proofs: readonly { content: string; jws: string }[] }

type RecordedKey = { readonly pkcs8Pem: string; readonly usedFor: readonly { autoId: string }[] }

export const story = JSON.parse(readFileSync('chains/dev/story.json', 'utf8')) as Story
const keys = JSON.parse(readFileSync('test/fixtures/dev/keys.json', 'utf8')) as RecordedKey[]

/** PKCS#8 PEM of the key of an identity of the recorded chain. */
export function pemOf(autoId: string): string {
  const found = keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === autoId))
  if (found === undefined) throw new Error(`no key of ${autoId}`)
  return found.pkcs8Pem
}
