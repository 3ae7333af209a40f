/** Certificates and PEM, with node:crypto (OpenSSL) as referee: what we take it takes, and what we verify it verifies. */

import { X509Certificate } from 'node:crypto'
import { equalBytes } from '../../src/bytes'
import type { Random } from '../../src/devnet/maker/random'
import { parseCertificate } from '../../src/pki/certificate'
import { parseCrl } from '../../src/pki/crl'
import { decodePemCertificates, encodePem } from '../../src/pki/pem'
import { verifySignature } from '../../src/pki/signature'
import { decodePalletCertificate } from '../../src/registry/pallet-certificate'
import * as make from '../support/certificates'
import { mutateBytes, mutateText } from './mutate'
import { expectSameSerials, opensslCrlSerials } from './openssl'
import { refuses, type Target } from './target'

const root = make.makeRoot()
const issuer = make.makeIssuer('Issuer', root)
const leaf = make.makeCertificate({
  subject: 'Leaf',
  issuer,
  serial: 77n,
  extensions: [
    make.keyUsage(0),
    make.certificatePolicies('1.2.3'),
    make.subjectAltName(make.textName(2, 'www.example.com'), make.textName(1, 'a@example.com')),
  ],
})
const issuerKey = new X509Certificate(issuer.der).publicKey
const { spki: issuerSpki, subject: issuerName } = parseCertificate(issuer.der)
const crls = [[1n, 5n, 77n], [], [1n << 151n, 128n, 255n, 256n]].map((revoked) =>
  make.makeCrl({ issuer, revoked }),
)

const REFUSALS = ['DerError', 'CertificateError']

export function pkiTargets(): Target[] {
  return [
    { name: 'certificate', run: certificate },
    { name: 'pallet certificate', run: palletCertificate },
    { name: 'crl', run: revocationList },
    { name: 'pem', run: pem },
  ]
}

function certificate(random: Random): Promise<boolean> {
  const der = mutateBytes(random, random.pick([leaf.der, issuer.der, root.der]))
  return refuses(() => {
    const ours = parseCertificate(der)
    const { tbs, outerAlgorithm, signature } = ours
    const input = { spki: issuerSpki, signatureAlgorithm: outerAlgorithm, data: tbs, signature }
    const isGood = verifySignature(input).ok
    const theirs = referee(der)
    if (isGood && theirs?.verify(issuerKey) !== true) {
      throw new Error('a signature is good here and not for OpenSSL')
    }
    if (theirs === undefined) return
    const serial = BigInt(`0x${theirs.serialNumber.replace('-', '')}`)
    const own = BigInt.asIntN(
      ours.serialBytes.length * 8,
      BigInt(`0x${Buffer.from(ours.serialBytes).toString('hex')}`),
    )
    if (serial !== (own < 0n ? -own : own)) throw new Error(`serial ${own}, for OpenSSL ${serial}`)
  }, REFUSALS)
}

function referee(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

/** What may count as the issuer's, OpenSSL takes with the same serial numbers. */
function revocationList(random: Random): Promise<boolean> {
  const list = random.pick(crls)
  const der = random.chance(0.8) ? mutateBytes(random, list) : list
  return refuses(() => {
    const { entries, issuer: name, innerAlgorithm, outerAlgorithm } = parseCrl(der)
    // Names and algorithms are kept as bytes: such a list is refused later, as no issuer's or as one with two algorithms.
    if (!equalBytes(name, issuerName) || !equalBytes(innerAlgorithm, outerAlgorithm)) return
    const serials = [...entries.values()].flatMap((byIssuer) => [...byIssuer.keys()])
    expectSameSerials(serials, opensslCrlSerials(der))
  }, REFUSALS)
}

/** The lax reading of the pallet answers for anything at all. */
function palletCertificate(random: Random): boolean {
  const { tbs } = parseCertificate(leaf.der)
  return decodePalletCertificate(mutateBytes(random, tbs)).ok
}

function pem(random: Random): Promise<boolean> {
  const text = mutateText(random, encodePem('CERTIFICATE', leaf.der))
  return refuses(() => {
    const [first] = decodePemCertificates(text)
    const theirs = referee(Buffer.from(text))
    if (first === undefined || theirs === undefined) return
    if (!theirs.raw.equals(first)) throw new Error('PEM read differently by OpenSSL')
  }, ['PemError'])
}
