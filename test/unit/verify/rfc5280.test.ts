import { describe, expect, it } from 'vitest'
import { basicConstraints, keyUsage, makeCertificate } from '../../support/certificates'
import {
  changed,
  historyOf,
  idOf,
  LEAF,
  leaf,
  middle,
  ROOT,
  recordOf,
  root,
  verdictOn,
} from '../../support/evidence'

const strict = { profile: 'RFC5280' } as const
const withDer = (which: typeof leaf, der: Uint8Array) => changed({ der }, which)
const codes = (result: ReturnType<typeof verdictOn>) => result.failures.map(({ code }) => code)

describe('profile RFC5280', () => {
  it.each([
    ['a root', root.autoId],
    ['an intermediate', middle.autoId],
    ['a leaf', leaf.autoId],
  ])('accepts %s whose chain conforms', (_title, autoId) => {
    expect(verdictOn({ subject: { autoId } }, strict).verdict).toBe('VALID')
  })

  it('names each failure of the path with the identity it is about', () => {
    const noCa = makeCertificate({ subject: 'middle', issuer: ROOT, serial: 2n })
    const result = verdictOn({ history: withDer(middle, noCa.der) }, strict)
    expect(result.verdict).toBe('INVALID')
    expect(codes(result)[0]).toBe('RFC5280_PATH')
    expect(result.failures).toContainEqual(
      expect.objectContaining({ code: 'PATH_NOT_CA', autoId: middle.autoId }),
    )
    expect(verdictOn({ history: withDer(middle, noCa.der) }).verdict).toBe('VALID')
  })

  it('a root recorded with an odd serial number is refused, though it is the anchor (quirk 14)', () => {
    const extensions = [basicConstraints(true), keyUsage(5, 6)]
    const odd = makeCertificate({ subject: 'root', serial: 0n, extensions })
    const result = verdictOn({ history: withDer(root, odd.der) }, strict)
    expect([result.verdict, codes(result)]).toEqual([
      'INVALID',
      ['RFC5280_PATH', 'CERT_BAD_SERIAL'],
    ])
  })

  it('a forged signature of the target is TOTAL-FAILED, one above it is a chain without proof', () => {
    const forged = (der: Uint8Array) =>
      Uint8Array.from(der, (byte, index) => (index === der.length - 1 ? byte ^ 1 : byte))
    const target = verdictOn({ history: withDer(leaf, forged(LEAF.der)) }, strict)
    expect([target.verdict, target.indication]).toEqual([
      'INVALID',
      'TOTAL-FAILED/SIG_CRYPTO_FAILURE',
    ])
    const above = verdictOn({ history: withDer(middle, forged(middle.der ?? LEAF.der)) }, strict)
    expect([above.verdict, above.indication]).toEqual([
      'INVALID',
      'INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE',
    ])
  })

  it('an algorithm nobody here verifies is undetermined, never valid', () => {
    // Ed448 in place of Ed25519, inside and outside the TBS; the key stays.
    const hex = Buffer.from(LEAF.der).toString('hex')
    const parts = hex.split('300506032b6570')
    const ed448 = `${parts[0]}300506032b6571${parts[1]}300506032b6570${parts[2]}300506032b6571${parts[3]}`
    const result = verdictOn(
      { history: withDer(leaf, new Uint8Array(Buffer.from(ed448, 'hex'))) },
      strict,
    )
    expect([result.verdict, codes(result)]).toEqual([
      'INDETERMINATE',
      ['RFC5280_PATH', 'SIG_UNSUPPORTED_ALGORITHM', 'PATH_NO_ANCHOR'],
    ])
  })

  it('a valid path that leaves out a certificate of the chain does not count', () => {
    const ca = [basicConstraints(true), keyUsage(5, 6)]
    // The root once more, issued by itself: a path from the leaf to the root needs it not.
    const again = makeCertificate({ subject: 'root', issuer: ROOT, extensions: ca, serial: 2n })
    const below = makeCertificate({ subject: 'below', issuer: ROOT, serial: 3n })
    const between = recordOf({
      made: again,
      height: 20,
      autoId: idOf('again'),
      registrationId: 'again',
      serial: '0x2',
      issuerId: root.autoId,
      signer: ROOT,
    })
    const target = recordOf({
      made: below,
      height: 30,
      serial: '0x3',
      issuerId: between.autoId,
      signer: ROOT,
    })
    const history = historyOf({ certificates: [root, between, target] })
    const result = verdictOn({ history, subject: { autoId: target.autoId } }, strict)
    expect([result.verdict, codes(result)]).toEqual(['INVALID', ['RFC5280_PATH']])
  })

  it('asks for usages, purposes, policies and path length only when the policy does', () => {
    expect(verdictOn({}, { ...strict, keyUsage: ['digitalSignature'] }).verdict).toBe('VALID')
    expect(codes(verdictOn({}, { ...strict, keyUsage: ['keyCertSign'] }))).toContain(
      'PATH_KEY_USAGE',
    )
    expect(codes(verdictOn({}, { ...strict, keyUsage: ['no such usage'] }))).toContain(
      'PATH_KEY_USAGE',
    )
    expect(codes(verdictOn({}, { ...strict, requireExplicitPolicy: true }))).toContain(
      'PATH_POLICY',
    )
    expect(codes(verdictOn({}, { ...strict, maxPathLength: 0 }))).toContain('PATH_LENGTH_EXCEEDED')
  })
})
