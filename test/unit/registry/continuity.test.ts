import { describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/bytes'
import { identifierOfCall } from '../../../src/registry/pallet-certificate'
import type { RegistryCall } from '../../../src/registry/types'
import { MemoryIndex } from '../../support/memory-index'
import {
  actionCall,
  blockOf,
  KEYS,
  leafCall,
  observed,
  registerCall,
  serial,
} from '../../support/registry-builder'

const ROOT = registerCall({ commonName: 'root' })
const root = identifierOfCall(ROOT) ?? ''
const leaf = identifierOfCall(leafCall(root)) ?? ''

function indexOf(...calls: (readonly [RegistryCall, Hex])[]): MemoryIndex {
  const index = new MemoryIndex()
  for (const [at, [call, autoId]] of calls.entries()) {
    const outcome = { status: 'APPLIED', eventIndex: 3, autoId } as const
    index.apply([blockOf(at + 1, { nodes: [{ type: 'CALL', call: observed(call, outcome) }] })])
  }
  return index
}

const last = (index: MemoryIndex) => index.registrations.at(-1)
const leaves = (nonce = 0n): readonly [RegistryCall, Hex] => [
  actionCall('DEACTIVATE', leaf, KEYS.b, nonce),
  leaf,
]

describe('continuity of a leaf that registers again', () => {
  const start = [
    [ROOT, root],
    [leafCall(root), leaf],
  ] as const

  it('with the same key is SAME_KEY', () => {
    const again = leafCall(root, { serial: serial(9) })
    expect(last(indexOf(...start, leaves(), [again, leaf]))).toMatchObject({
      ordinal: 2,
      continuity: 'SAME_KEY',
    })
  })

  it('with another key is ISSUER_ATTESTED when the same issuer signed it', () => {
    const recovery = leafCall(root, { key: KEYS.c, serial: serial(9) })
    const index = indexOf(...start, leaves(), [recovery, leaf])
    expect(last(index)?.continuity).toBe('ISSUER_ATTESTED')
    expect(last(index)?.continuityProof).toContain(root)
    expect(index.advisories.map(({ code }) => code)).toContain('KEY_REPLACED_ATTESTED')
  })

  it('with another key is UNPROVEN when the issuer itself was taken over in between', () => {
    const takeover = [
      [actionCall('DEACTIVATE', root, KEYS.a, 0n), root],
      [registerCall({ commonName: 'root', key: KEYS.c }), root],
    ] as const
    const other = leafCall(root, { key: KEYS.a, signer: KEYS.c, serial: serial(9) })
    const index = indexOf(...start, leaves(), ...takeover, [other, leaf])
    expect(last(index)).toMatchObject({ autoId: leaf, continuity: 'UNPROVEN' })
    expect(last(index)?.continuityProof).toMatch(/changed hands/)
  })

  it('with another key is ISSUER_ATTESTED when the issuer came back with its own key', () => {
    const pause = [
      [actionCall('DEACTIVATE', root, KEYS.a, 0n), root],
      [ROOT, root],
    ] as const
    const recovery = leafCall(root, { key: KEYS.c, serial: serial(9) })
    const index = indexOf(...start, leaves(), ...pause, [recovery, leaf])
    expect(last(index)).toMatchObject({ autoId: leaf, continuity: 'ISSUER_ATTESTED' })
  })
})

describe('continuity of a root that registers again', () => {
  it('with another key is UNPROVEN: nothing links the two', () => {
    const index = indexOf(
      [ROOT, root],
      [actionCall('DEACTIVATE', root, KEYS.a, 0n), root],
      [registerCall({ commonName: 'root', key: KEYS.c }), root],
    )
    expect(last(index)).toMatchObject({ ordinal: 2, continuity: 'UNPROVEN' })
  })
})
