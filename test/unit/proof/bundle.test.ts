/** Evidence bundles as files that anybody may have changed. */

import { describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/bytes'
import type { CertificateEvidence, EvidenceBundle } from '../../../src/proof/bundle'
import { verifyBundle } from '../../../src/proof/bundle'
import { parseBundle } from '../../../src/proof/bundle-format'
import { recordedBundle } from '../../support/recorded-bundle'
import { story } from '../../support/story'

const bundle = recordedBundle(275, [story.agent, story.person, story.organisation])
const text = JSON.stringify(bundle)

function problemOf(file: string): string | null {
  const parsed = parseBundle(file)
  if (!parsed.ok) return parsed.message
  const failed = verifyBundle(parsed.bundle).checks.filter(({ ok }) => !ok)
  return failed.length === 0 ? null : failed.map(({ name }) => name).join(', ')
}

describe('a bundle’s file', () => {
  it('holds as it is, also in lines', () => {
    expect(problemOf(text)).toBeNull()
    expect(problemOf(`${JSON.stringify(bundle, null, 2)}\n`)).toBeNull()
  })

  // Tried once at every character: none but those of the genesis hash, which no proof can cover and the report says so.
  it('with any character changed is not good', () => {
    const start = text.indexOf(bundle.genesisHash)
    const isGenesis = (at: number) => at > start + 1 && at < start + bundle.genesisHash.length
    const good: number[] = []
    for (let at = 0; at < text.length; at += 53) {
      const changed = /[0-9a-f]/i.test(text[at] ?? '') ? (text[at] === '0' ? '1' : '0') : '~'
      if (problemOf(text.slice(0, at) + changed + text.slice(at + 1)) === null) good.push(at)
    }
    expect(good.filter((at) => !isGenesis(at))).toEqual([])
  })

  const [leaf] = bundle.certificates as [CertificateEvidence, ...CertificateEvidence[]]
  const changed = (change: Partial<EvidenceBundle>) => JSON.stringify({ ...bundle, ...change })

  // A certificate that stands under no proof was carried along as if it had been checked.
  it.each([
    ['of another identity', { ...leaf, autoId: `0x${'ab'.repeat(32)}` }],
    ['of one a second time, with another signature', { ...leaf, signature: '0x00' }],
  ])('with one certificate more, %s, is not good', (_, more) => {
    const certificates = [...bundle.certificates, more as (typeof bundle.certificates)[0]]
    expect(problemOf(changed({ certificates }))).toBe('nothing-else')
  })

  // `Buffer.indexOf` took 7.7 seconds for 80 kB in 240 kB of zeros, growing by the square: here it would not end.
  it('with a call and an extrinsic of the same byte over and over costs no more than it is long', () => {
    const zeros = (count: number): Hex => `0x${'00'.repeat(count)}`
    const extrinsic = { ...leaf.extrinsic, extrinsic: zeros(3_000_000) }
    const certificates = [{ ...leaf, signature: zeros(1_000_000), extrinsic }]
    expect(problemOf(changed({ certificates }))).toContain('call-carries-certificate')
  })

  // Other readers than ours may take the first of two values, or a field that was never looked at.
  it.each([
    ['a field nobody knows', text.replace('{', '{"revoked":false,')],
    ['such a field further in', text.replace('"header":{', '"header":{"final":true,')],
    ['a field twice', text.replace('"genesisHash"', `"autoId":"0x00","genesisHash"`)],
    ['a field by an escape', text.replace('"genesisHash"', '"genesis\\u0048ash"')],
    ['a number in another form', text.replace('"number":275', '"number":2.75e2')],
  ])('with %s is refused', (_, file) => {
    expect(file).not.toBe(text)
    expect(problemOf(file)).toMatch(/^no evidence bundle: /)
  })
})
