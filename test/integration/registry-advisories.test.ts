/** What the chain let pass, found at the operation: the scenarios of the sample chain, by block. */
import { beforeAll, describe, expect, it } from 'vitest'
import { decodeBlock } from '../../src/chain/decode-block'
import type { AdvisoryCode } from '../../src/registry/advisory'
import type { Continuity } from '../../src/registry/block-changes'
import { readExpected } from '../support/dev-oracle'
import { MemoryIndex } from '../support/memory-index'
import { loadRecordedChain } from '../support/recorded-chain'

const expected = readExpected()
const notes = new Map(
  expected
    .filter(({ branch }) => branch === 'canonical')
    .map((block) => [block.number, block.note]),
)
const index = new MemoryIndex()

beforeAll(() => {
  const records = loadRecordedChain()
    .blocks.filter(({ branch }) => branch === 'canonical')
    .map(({ raw, runtime }) => decodeBlock(raw, runtime))
  index.apply(records)
})

const codesAt = (block: number) =>
  index.advisories.filter((advisory) => advisory.block === block).map(({ code }) => code)

const scenarios: readonly (readonly [block: number, code: AdvisoryCode, facts?: object])[] = [
  [48, 'RENEWED_TO_REVOKED_SERIAL', { isUnchanged: true }],
  [40, 'RENEWAL_SERIAL_UNRESERVED'],
  [50, 'REVOKED_IDENTITY_RENEWED', { reason: 'SUPERSEDED' }],
  [100, 'ISSUER_REVOKED', { hops: 0, reason: 'REVOKED' }],
  [101, 'ISSUER_REVOKED'],
  [102, 'ISSUER_REVOKED'],
  [103, 'REVOKED_IDENTITY_RENEWED', { reason: 'REVOKED' }],
  [104, 'REVOKED_IDENTITY_RENEWED', { reason: 'REVOKED' }],
  [109, 'NONCE_RESTARTED', { registrationBefore: 1 }],
  [111, 'SELF_REVOCATION_BLOCKS', { children: 2 }],
  [116, 'REVOKED_IDENTITY_RENEWED'],
  [123, 'NONCE_RESTARTED'],
  [124, 'ACTION_REPLAYED', { earlierEventId: '0000000121-000003' }],
  [127, 'CHILDREN_ORPHANED', { children: 1 }],
  [130, 'KEY_REPLACED_UNPROVEN', { registrationBefore: 1 }],
  [130, 'CHILDREN_UNDER_OTHER_KEY', { children: 1 }],
  [130, 'INHERITED_REVOCATION_LIST', { serials: 1 }],
  [132, 'ISSUER_KEY_CHANGED'],
  [134, 'ISSUER_KEY_CHANGED'],
  [136, 'REGISTRATION_REPLAYED', { earlierEventId: '0000000118-000003' }],
  [136, 'KEY_REPLACED_UNPROVEN', { registrationBefore: 2 }],
  [139, 'REGISTERED_REVOKED'],
  [139, 'REGISTRATION_REPLAYED', { earlierEventId: '0000000118-000003' }],
  [141, 'CHILDREN_ORPHANED'],
  [146, 'SELF_REVOCATION_BLOCKS', { children: 1 }],
  [146, 'KEY_REPLACED_UNPROVEN'],
  [147, 'CHILDREN_UNDER_OTHER_KEY'],
  [149, 'ACTION_REPLAYED'],
  [154, 'COMMON_NAME_DECEPTIVE'],
  [157, 'COMMON_NAME_NOT_TEXT', { problem: 'NUL' }],
  [158, 'COMMON_NAME_NOT_TEXT'],
  [158, 'STRICT_PARSER_REFUSES'],
  [159, 'COMMON_NAME_ENCODING', { tag: 30 }],
  [160, 'COMMON_NAME_NOT_TEXT'],
  [162, 'COMMON_NAME_ENCODING', { tag: 20 }],
  [163, 'MULTIPLE_COMMON_NAMES', { count: 2 }],
  [166, 'COMMON_NAME_IS_IDENTIFIER'],
  [167, 'COMMON_NAME_DECEPTIVE'],
  [168, 'EMPTY_COMMON_NAME'],
  [171, 'ISSUER_NAME_MISMATCH', { isRoot: true }],
  [172, 'ISSUER_NAME_MISMATCH', { isRoot: false }],
  [174, 'SAN_AUTO_ID_DIFFERS'],
  [175, 'ISSUER_NOT_CA', { why: 'CA_FALSE' }],
  [175, 'ISSUER_MAY_NOT_SIGN'],
  [176, 'PATH_LENGTH_EXCEEDED', { limit: 0, intermediates: 2 }],
  [178, 'NAME_CONSTRAINT_VIOLATED'],
  [179, 'UNKNOWN_CRITICAL_EXTENSION'],
  [180, 'DUPLICATE_EXTENSION', { oid: '2.5.29.17' }],
  [181, 'NOT_VERSION_3', { version: 1 }],
  [182, 'TRAILING_BYTES'],
  [186, 'WEAK_DIGEST'],
  [187, 'WEAK_KEY', { bits: 1024 }],
  [191, 'OUTER_ALGORITHM_DIFFERS'],
  [192, 'OUTER_PARAMETERS_DIFFER'],
  [196, 'SERIAL_TOO_LONG', { octets: 32 }],
  [197, 'SERIAL_ZERO'],
  [198, 'SERIAL_NEGATIVE', { serial: '0x8001' }],
  [200, 'SERIAL_NOT_MINIMAL', { serial: '0x2a' }],
  [204, 'SERIAL_EQUALS_ISSUERS'],
  [205, 'REVOCATION_HITS_ISSUER', { serial: '0x445566' }],
  [213, 'OUTLIVES_ISSUER'],
  [217, 'EXPIRED_ISSUER_ACTED'],
  [218, 'RENEWED_AFTER_EXPIRY'],
  [224, 'LEAF_BECAME_ROOT'],
  [226, 'LEAF_IDENTIFIER_TAKEN'],
  [228, 'ROOT_BECAME_LEAF'],
]

describe('advisories of the sample chain', () => {
  it.each(
    scenarios.map(([block, code, facts]) => ({ block, code, facts, note: notes.get(block) })),
  )('block $block, $note: $code', ({ block, code, facts }) => {
    expect(codesAt(block)).toContain(code)
    const found = index.advisories.filter((item) => item.block === block && item.code === code)
    if (facts !== undefined) {
      expect(found.map((item) => item.facts)).toContainEqual(expect.objectContaining(facts))
    }
  })

  it('stay silent where nothing was let pass: the story blocks 267 to 272, well-formed throughout', () => {
    for (const block of [267, 268, 269, 270, 271, 272]) {
      const loud = codesAt(block).filter((code) => code !== 'OUTLIVES_ISSUER')
      expect(loud, `block ${block}`).toEqual([])
    }
  })

  it.each([
    [46, 'a refused renewal'],
    [107, 'a refused registration'],
    [188, 'a refused key'],
    [148, 'a batch that was rolled back'],
  ])('say nothing of block %i, %s', (block) => {
    expect(codesAt(block)).toEqual([])
  })

  it('carry unique ids and the event and certificate they are about', () => {
    const ids = new Set(index.advisories.map(({ id }) => id))
    expect(ids.size).toBe(index.advisories.length)
    const events = new Set(index.events.map(({ id }) => id))
    const certificates = new Set(index.certificates.map(({ id }) => id))
    for (const { eventId, certificateId } of index.advisories) {
      expect(events.has(eventId)).toBe(true)
      expect(certificates.has(certificateId ?? '')).toBe(true)
    }
  })
})

describe('continuity of the sample chain', () => {
  const cases: readonly (readonly [block: number, continuity: Continuity])[] = [
    [109, 'SAME_KEY'],
    [123, 'SAME_KEY'],
    [130, 'UNPROVEN'],
    [134, 'SAME_KEY'],
    [136, 'UNPROVEN'],
    [139, 'SAME_KEY'],
    [146, 'UNPROVEN'],
    [281, 'UNPROVEN'],
  ]
  it.each(cases)('block %i is %s', (block, continuity) => {
    const later = index.registrations.filter(
      (registration) => registration.blockFrom === block && registration.ordinal > 1,
    )
    expect(later.map((registration) => registration.continuity)).toEqual([continuity])
  })

  it('is FIRST for every first registration and for no other', () => {
    for (const { ordinal, continuity } of index.registrations) {
      expect(continuity === 'FIRST').toBe(ordinal === 1)
    }
  })
})

describe('revocations of the sample chain', () => {
  it('are superseded by renewals and revoked by revocations, as the events tell', () => {
    const kinds = new Map(index.events.map(({ id, kind }) => [id, kind]))
    expect(index.revocations.length).toBeGreaterThan(80)
    for (const { eventId, reason } of index.revocations) {
      expect(kinds.get(eventId ?? '')).toBe(reason === 'REVOKED' ? 'REVOKED' : 'RENEWED')
    }
  })
})
