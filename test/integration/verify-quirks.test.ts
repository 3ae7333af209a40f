/** The quirks of the registry (docs/registry-quirks.md), in verdicts on the recorded chain. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FindingCode, findingEntry } from '../../src/verify/finding-codes'
import {
  findingCodes,
  openRecordedVerdicts,
  type RecordedVerdicts,
} from '../support/recorded-verdicts'

let recorded: RecordedVerdicts
beforeAll(async () => {
  recorded = await openRecordedVerdicts()
})
afterAll(() => recorded?.close())

/** Scenario blocks of chains/dev/README.md: asked right after, about the identity of the block's (last) event. */
const SCENARIOS: readonly (readonly [
  block: number,
  quirk: number,
  verdict: string,
  code: string,
])[] = [
  [100, 1, 'INVALID', 'ISSUER_REVOKED'],
  [101, 1, 'INVALID', 'ISSUER_REVOKED'],
  [103, 2, 'INVALID', 'REVOKED_IDENTITY_RENEWED'],
  [104, 2, 'VALID', 'REVOKED_IDENTITY_RENEWED'],
  [130, 3, 'VALID', 'KEY_REPLACED_UNPROVEN'],
  [130, 3, 'VALID', 'CHILDREN_UNDER_OTHER_KEY'],
  [175, 4, 'VALID', 'ISSUER_NOT_CA'],
  [175, 4, 'VALID', 'ISSUER_MAY_NOT_SIGN'],
  [176, 4, 'VALID', 'PATH_LENGTH_EXCEEDED'],
  [178, 4, 'VALID', 'NAME_CONSTRAINT_VIOLATED'],
  [172, 4, 'VALID', 'ISSUER_NAME_MISMATCH'],
  [179, 4, 'VALID', 'UNKNOWN_CRITICAL_EXTENSION'],
  [186, 4, 'VALID', 'WEAK_DIGEST'],
  [187, 4, 'VALID', 'WEAK_KEY'],
  [48, 5, 'INVALID', 'RENEWED_TO_REVOKED_SERIAL'],
  [203, 6, 'VALID', 'RENEWAL_SERIAL_UNRESERVED'],
  [204, 6, 'VALID', 'SERIAL_EQUALS_ISSUERS'],
  [205, 6, 'INVALID', 'REVOCATION_HITS_ISSUER'],
  [139, 7, 'INVALID', 'REGISTERED_REVOKED'],
  [142, 7, 'VALID', 'INHERITED_REVOCATION_LIST'],
  [123, 8, 'VALID', 'NONCE_RESTARTED'],
  [124, 8, 'INVALID', 'ACTION_REPLAYED'],
  [136, 8, 'VALID', 'REGISTRATION_REPLAYED'],
  [213, 9, 'VALID', 'OUTLIVES_ISSUER'],
  [218, 9, 'VALID', 'RENEWED_AFTER_EXPIRY'],
  [121, 10, 'INVALID', 'ACTIONS_NAME_NO_CHAIN'],
  [139, 10, 'INVALID', 'ACTIONS_NAME_NO_CHAIN'],
  [224, 11, 'VALID', 'LEAF_BECAME_ROOT'],
  [226, 11, 'VALID', 'LEAF_IDENTIFIER_TAKEN'],
  [228, 11, 'VALID', 'ROOT_BECAME_LEAF'],
  [111, 12, 'INVALID', 'SELF_REVOCATION_BLOCKS'],
  [127, 12, 'INVALID', 'CHILDREN_ORPHANED'],
  [217, 12, 'INVALID', 'EXPIRED_ISSUER_ACTED'],
  [42, 13, 'VALID', 'RENEWAL_SERIAL_UNRESERVED'],
  [157, 14, 'VALID', 'COMMON_NAME_NOT_TEXT'],
  [158, 14, 'VALID', 'COMMON_NAME_NOT_TEXT'],
  [159, 14, 'VALID', 'COMMON_NAME_ENCODING'],
  [168, 14, 'VALID', 'EMPTY_COMMON_NAME'],
  [180, 14, 'VALID', 'DUPLICATE_EXTENSION'],
  [181, 14, 'VALID', 'NOT_VERSION_3'],
  [182, 14, 'VALID', 'TRAILING_BYTES'],
  [191, 14, 'VALID', 'OUTER_ALGORITHM_DIFFERS'],
  [192, 14, 'VALID', 'OUTER_PARAMETERS_DIFFER'],
  [197, 14, 'VALID', 'SERIAL_ZERO'],
  [198, 14, 'VALID', 'SERIAL_NEGATIVE'],
  [200, 14, 'VALID', 'SERIAL_NOT_MINIMAL'],
]
/** What no strict reader takes is valid by the registry, never by RFC 5280. */
const NEVER_RFC5280 = [158, 160, 172, 175, 176, 178, 179, 180, 182, 186, 187, 191, 197, 198, 200]

async function identityOf(block: number): Promise<string> {
  const { rows } = await recorded.pool.query<{ auto_id: string }>(
    'select auto_id from registry_event where block = $1 order by id desc limit 1',
    [block],
  )
  return rows[0]?.auto_id ?? ''
}

describe('the quirks of the registry, in verdicts on the recorded chain', () => {
  it.each(SCENARIOS)('block %i, quirk %i: %s with %s', async (block, _quirk, expected, code) => {
    const result = await recorded.verdict(await identityOf(block), block)
    expect([result.verdict, findingCodes(result)]).toEqual([
      expected,
      expect.arrayContaining([code]),
    ])
    const found = result.findings.find((finding) => finding.code === code)
    expect(found?.severity).toBe(findingEntry(code as FindingCode).severity)
  })

  it.each(NEVER_RFC5280)('block %i is never valid by RFC 5280', async (block) => {
    const autoId = await identityOf(block)
    expect((await recorded.verdict(autoId, block, { profile: 'RFC5280' })).verdict).toBe('INVALID')
  })
})

describe('version 1', () => {
  it('block 181: RFC 5280 §4.1.2.1 allows it to a target without extensions, as openssl does; it is a finding', async () => {
    const result = await recorded.verdict(await identityOf(181), 181, { profile: 'RFC5280' })
    expect([result.verdict, findingCodes(result)]).toEqual([
      'VALID',
      expect.arrayContaining(['NOT_VERSION_3']),
    ])
  })
})
