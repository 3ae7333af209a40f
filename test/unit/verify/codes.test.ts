import { describe, expect, it } from 'vitest'
import { PATH_CODES } from '../../../src/pki/codes'
import { ADVISORIES } from '../../../src/registry/advisory'
import {
  type CheckCode,
  checkEntry,
  ISSUER_INDICATIONS,
  REGISTRY_CHECKS,
} from '../../../src/verify/codes'
import { VERDICT_FINDINGS } from '../../../src/verify/finding-codes'
import { renderCodesPage } from '../../support/codes-page'

/** ETSI EN 319 102-1 V1.4.1, tables 5 and 6: sub-indications by main indication. */
const SUB_INDICATIONS: Readonly<Record<string, readonly string[]>> = {
  'TOTAL-FAILED': [
    'FORMAT_FAILURE',
    'HASH_FAILURE',
    'SIG_CRYPTO_FAILURE',
    'REVOKED',
    'EXPIRED',
    'NOT_YET_VALID',
  ],
  INDETERMINATE: [
    'SIG_CONSTRAINTS_FAILURE',
    'CHAIN_CONSTRAINTS_FAILURE',
    'CERTIFICATE_CHAIN_GENERAL_FAILURE',
    'CRYPTO_CONSTRAINTS_FAILURE',
    'POLICY_PROCESSING_ERROR',
    'SIGNATURE_POLICY_NOT_AVAILABLE',
    'TIMESTAMP_ORDER_FAILURE',
    'NO_SIGNING_CERTIFICATE_FOUND',
    'NO_CERTIFICATE_CHAIN_FOUND',
    'REVOKED_NO_POE',
    'REVOKED_CA_NO_POE',
    'OUT_OF_BOUNDS_NO_POE',
    'OUT_OF_BOUNDS_NOT_REVOKED',
    'REVOCATION_OUT_OF_BOUNDS_NO_POE',
    'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
    'NO_POE',
    'TRY_LATER',
    'SIGNED_DATA_NOT_FOUND',
  ],
}
const checkCodes = [...Object.keys(REGISTRY_CHECKS), ...Object.keys(PATH_CODES)] as CheckCode[]

describe('code tables', () => {
  it('docs/codes.md is what they say (after a wanted change: node scripts/emit-codes.js)', async () => {
    await expect(renderCodesPage()).toMatchFileSnapshot('../../../docs/codes.md')
  })

  it.each(checkCodes)('%s: its failure is an indication of ETSI EN 319 102-1', (code) => {
    const [main = '', sub = ''] = checkEntry(code).failed.split('/')
    expect(SUB_INDICATIONS[main] ?? []).toContain(sub)
  })

  it('a failure above the target is an indication of ETSI EN 319 102-1, too', () => {
    const subs = Object.values(ISSUER_INDICATIONS).map((indication) => indication.split('/')[1])
    expect(subs.filter((sub) => !SUB_INDICATIONS['INDETERMINATE']?.includes(sub ?? ''))).toEqual([])
  })

  it('every entry says what it means and what to do, in sentences', () => {
    const texts = [
      ...checkCodes.flatMap((code) => [checkEntry(code).meaning, checkEntry(code).advice]),
      ...[...Object.values(ADVISORIES), ...Object.values(VERDICT_FINDINGS)].flatMap(
        ({ message, advice }) => [message, advice],
      ),
    ]
    expect(texts.filter((text) => !/^(?:[A-Z`]|anyPolicy).*[.]$/s.test(text))).toEqual([])
  })

  it('no code stands in two tables', () => {
    const all = [...checkCodes, ...Object.keys(ADVISORIES), ...Object.keys(VERDICT_FINDINGS)]
    const twice = all.filter((code, index) => all.indexOf(code) !== index)
    // A broken path length is both: a failure of a path, and a finding about what the chain accepted.
    expect(twice).toEqual(['PATH_LENGTH_EXCEEDED'])
  })
})
