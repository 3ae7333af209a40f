/** Path validations per second of a three-certificate chain, beside the bare signatures and beside pkijs. */
import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
  webcrypto,
} from 'node:crypto'
import { assembleCertificate, parseCertificate } from '../../src/pki/certificate'
import {
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNamedBits,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTime,
} from '../../src/pki/der-writer'
import { type CertificateInput, validatePath } from '../../src/pki/path-validation'

export type BenchResult = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly reference: string
  readonly referenceValue: number
  readonly ratio: number
}

type Kind = 'rsa2048' | 'p256' | 'ed25519'

type Chain = {
  /** DER, target first, anchor last. */
  readonly certificates: readonly Uint8Array[]
  readonly signatures: readonly {
    key: KeyObject
    hash: string | null
    tbs: Uint8Array
    signature: Uint8Array
  }[]
}

const AT = new Date('2026-06-01T00:00:00Z')
const ALGORITHMS = {
  rsa2048: encodeSequence(encodeOid('1.2.840.113549.1.1.11'), encodeNull()),
  p256: encodeSequence(encodeOid('1.2.840.10045.4.3.2')),
  ed25519: encodeSequence(encodeOid('1.3.101.112')),
}

function makeKeys(kind: Kind) {
  switch (kind) {
    case 'rsa2048':
      return generateKeyPairSync('rsa', { modulusLength: 2048 })
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 'ed25519':
      return generateKeyPairSync('ed25519')
  }
}

function commonName(text: string): Uint8Array {
  const value = encodeElement(0x0c, Buffer.from(text, 'utf8'))
  return encodeSequence(encodeSetOf(encodeSequence(encodeOid('2.5.4.3'), value)))
}

function extension(oid: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid), encodeBoolean(true), encodeOctetString(value))
}

/** Root, intermediate and target with basicConstraints and keyUsage, as an Auto ID chain has them. */
function makeChain(kind: Kind): Chain {
  const names = ['Root', 'Intermediate', 'Target'].map(commonName)
  const keys = names.map(() => makeKeys(kind))
  const hash = kind === 'ed25519' ? null : 'sha256'
  const made = names.map((subject, index) => {
    const issuer = Math.max(index - 1, 0)
    const constraints = encodeSequence(...(index < 2 ? [encodeBoolean(true)] : []))
    const usage = encodeNamedBits(index < 2 ? [5, 6] : [0])
    const tbs = encodeSequence(
      encodeExplicit(0, encodeInteger(2n)),
      encodeInteger(BigInt(index + 1)),
      ALGORITHMS[kind],
      names[issuer] as Uint8Array,
      encodeSequence(encodeTime(Date.UTC(2026, 0, 1)), encodeTime(Date.UTC(2027, 0, 1))),
      subject,
      new Uint8Array(keys[index]?.publicKey.export({ format: 'der', type: 'spki' }) as Buffer),
      encodeExplicit(
        3,
        encodeSequence(extension('2.5.29.19', constraints), extension('2.5.29.15', usage)),
      ),
    )
    const signature = new Uint8Array(sign(hash, tbs, keys[issuer]?.privateKey as KeyObject))
    return { der: assembleCertificate(tbs, signature), tbs, signature }
  })
  return {
    certificates: made.map(({ der }) => der).reverse(),
    signatures: made.slice(1).map(({ tbs, signature }, index) => ({
      key: keys[index]?.publicKey as KeyObject,
      hash,
      tbs,
      signature,
    })),
  }
}

type Run = () => unknown

/** Calls per second over about `ms` of wall time. */
async function rate(ms: number, run: Run): Promise<number> {
  const start = performance.now()
  let calls = 0
  let elapsed = 0
  while (elapsed < ms) {
    for (let index = 0; index < 5; index++) {
      const result = run()
      if (result instanceof Promise) await result
    }
    calls += 5
    elapsed = performance.now() - start
  }
  return (calls * 1000) / elapsed
}

/** Median rates of runs that take turns, so that a busy machine slows all of them alike. */
async function rates(ms: number, runs: readonly Run[]): Promise<readonly number[]> {
  const rounds = 7
  const found = runs.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const measured = await rate(ms / rounds, run)
      // The first round warms up.
      if (round > 0) found[index]?.push(measured)
    }
  }
  return found.map((list) => [...list].sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0)
}

function validateChain(certificates: readonly CertificateInput[]): void {
  const [leaf, intermediate, root] = certificates
  const result = validatePath({
    leaf: leaf as CertificateInput,
    intermediates: [intermediate as CertificateInput],
    trustAnchors: [root as CertificateInput],
    at: AT,
  })
  if (!result.valid) throw new Error(`bench chain refused: ${result.failures[0]?.message}`)
}

/** pkijs from DER; it lacks Ed25519, where key import and verification alone stand in. */
async function reference(kind: Kind, chain: Chain): Promise<{ name: string; run: Run }> {
  if (kind === 'ed25519') {
    const spkis = chain.signatures.map(({ key }) => key.export({ format: 'der', type: 'spki' }))
    const run = () => {
      chain.signatures.forEach(({ hash, tbs, signature }, index) => {
        const key = createPublicKey({ key: spkis[index] as Buffer, format: 'der', type: 'spki' })
        verify(hash, tbs, key, signature)
      })
    }
    return { name: 'node:crypto import and verify', run }
  }
  const pkijs = await import('pkijs')
  pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto as never }))
  const run = async () => {
    const [leaf, intermediate, root] = chain.certificates.map((der) =>
      pkijs.Certificate.fromBER(Uint8Array.from(der).buffer),
    )
    const engine = new pkijs.CertificateChainValidationEngine({
      trustedCerts: [root as never],
      certs: [intermediate as never, leaf as never],
      checkDate: AT,
    })
    const { result } = await engine.verify()
    if (!result) throw new Error('pkijs refused the bench chain')
  }
  return { name: 'pkijs', run }
}

/** `path.<key>.parsed` beside node:crypto's bare signatures, `path.<key>.der` beside pkijs. */
export async function benchPaths(ms = 1000): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = []
  for (const kind of ['rsa2048', 'p256', 'ed25519'] as const) {
    const chain = makeChain(kind)
    const parsed = chain.certificates.map(parseCertificate)
    const { name, run } = await reference(kind, chain)
    const signaturesOnly = () => {
      for (const { key, hash, tbs, signature } of chain.signatures)
        verify(hash, tbs, key, signature)
    }
    const [limit = 0, fromParsed = 0, fromDer = 0, other = 0] = await rates(ms, [
      signaturesOnly,
      () => validateChain(parsed),
      () => validateChain(chain.certificates),
      run,
    ])
    results.push(compare(`path.${kind}.parsed`, fromParsed, 'node:crypto verify only', limit))
    results.push(compare(`path.${kind}.der`, fromDer, name, other))
  }
  return results
}

function compare(
  name: string,
  value: number,
  reference: string,
  referenceValue: number,
): BenchResult {
  const round = (number: number) => Math.round(number * 100) / 100
  return {
    name,
    value: Math.round(value),
    unit: 'validations/s',
    reference,
    referenceValue: Math.round(referenceValue),
    ratio: round(value / referenceValue),
  }
}
