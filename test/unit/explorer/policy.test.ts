import { describe, expect, it } from 'vitest'
import { policyOf, readQuestion } from '../../../src/explorer/logic/policy'

const policy = (search: string) => policyOf(readQuestion(search))

describe('the policy in the address', () => {
  it('leaves to the API what it does not name', () => {
    expect(policy('subject=0x12')).toEqual({})
  })

  it('asks for every rule that it names', () => {
    const search =
      'profile=RFC5280&anchors=0x1,0x2&final=1&later=REJECT&reject=WARNING&findings=WEAK_KEY,WEAK_DIGEST' +
      '&anchorkeys=0xaa&pathlen=0&rsa=3072&ec=256&sha1=0&minissuers=2&issuers=0x3&maxmembers=200&usage=digitalSignature' +
      '&purpose=clientAuth&policies=2.5.29.32.0&explicit=1&nomapping=1&noany=0'
    expect(readQuestion(search).bad).toEqual([])
    expect(policy(search)).toEqual({
      profile: 'RFC5280',
      trustAnchors: ['0x1', '0x2'],
      requireFinal: true,
      laterRevocation: 'REJECT',
      rejectSeverity: 'WARNING',
      rejectFindings: ['WEAK_KEY', 'WEAK_DIGEST'],
      trustAnchorKeys: ['0xaa'],
      maxPathLength: 0,
      minRsaBits: 3072,
      minEcBits: 256,
      allowSha1: false,
      minIssuers: 2,
      issuers: ['0x3'],
      maxMembers: 200,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['clientAuth'],
      initialPolicySet: ['2.5.29.32.0'],
      requireExplicitPolicy: true,
      inhibitPolicyMapping: true,
      inhibitAnyPolicy: false,
    })
  })

  // Dropped in silence, each of these would make the verdict milder than what was asked for.
  it.each([
    'profile=RFC5820',
    'final=yes',
    'later=FAIL',
    'reject=FATAL',
    'pathlen=none',
    'rsa=-1',
    'ec=2e5',
    'sha1=no',
    'known=soon',
  ])('is not understood when it says %s', (search) => {
    expect(readQuestion(search).bad).toEqual([search.split('=')[0]])
  })

  it('takes a block up to which later events are known', () => {
    expect(readQuestion('known=12')).toMatchObject({ knownBlock: 12, bad: [] })
  })
})
