/**
 * Path validations per second of a three-certificate chain: parsed before, beside the bare signatures; from DER, beside
 * pkijs and beside `openssl verify`, one process over many targets, so that its start is shared among them.
 */

import { execFileSync } from 'node:child_process'
import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
  webcrypto,
} from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
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
import { encodePem } from '../../src/pki/pem'
import { type Bench, inTurn, type Measurement, measurement } from './measurement'

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

const ROUNDS = 7

type Run = () => unknown

/** Milliseconds. */
type Clock = () => number

const wallClock: Clock = () => performance.now()
/** Of all threads of this process: what else the machine does takes none of it. */
const cpuClock: Clock = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Calls per second over about `ms` by the clock. */
async function rate(ms: number, run: Run, clock: Clock): Promise<number> {
  const start = clock()
  let calls = 0
  let elapsed = 0
  while (elapsed < ms) {
    for (let index = 0; index < 5; index++) {
      const result = run()
      if (result instanceof Promise) await result
    }
    calls += 5
    elapsed = clock() - start
  }
  return (calls * 1000) / elapsed
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

/** Targets a process of openssl checks: it then takes several times what its start does. */
const OPENSSL_TARGETS = 300

/**
 * Calls a second of `openssl verify` over copies of one target, what a run without targets takes (its start, and
 * reading the anchor) taken off.
 */
function opensslRate(chain: Chain): () => number {
  const directory = mkdtempSync(path.join(tmpdir(), 'path-bench-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const [leaf, intermediate, root] = chain.certificates.map((der) => encodePem('CERTIFICATE', der))
  const write = (name: string, pem: string | undefined) => {
    writeFileSync(path.join(directory, name), pem ?? '')
    return name
  }
  const anchors = ['-no-CApath', '-no-CAstore', '-CAfile', write('root.pem', root)]
  const above = ['-untrusted', write('intermediate.pem', intermediate)]
  const at = ['-attime', String(AT.getTime() / 1000)]
  const name = write('leaf.pem', leaf)
  const seconds = (targets: number) => {
    const started = performance.now()
    const files = Array.from({ length: targets }, () => name)
    const out = execFileSync('openssl', ['verify', ...anchors, ...above, ...at, ...files], {
      cwd: directory,
      encoding: 'utf8',
    })
    if (out.split(': OK').length - 1 !== targets) throw new Error('openssl refused the bench chain')
    return (performance.now() - started) / 1000
  }
  return () => {
    const one = seconds(1)
    return (OPENSSL_TARGETS - 1) / (seconds(OPENSSL_TARGETS) - one)
  }
}

async function benchPaths(ms: number): Promise<readonly Measurement[]> {
  const results: Measurement[] = []
  for (const kind of ['rsa2048', 'p256', 'ed25519'] as const) {
    const chain = makeChain(kind)
    const parsed = chain.certificates.map(parseCertificate)
    const { name, run } = await reference(kind, chain)
    const signaturesOnly = () => {
      for (const { key, hash, tbs, signature } of chain.signatures)
        verify(hash, tbs, key, signature)
    }
    const whole = () => validateChain(chain.certificates)
    const loads = [
      ...[signaturesOnly, () => validateChain(parsed), whole, run].map(
        (load) => () => rate(ms / ROUNDS, load, cpuClock),
      ),
      // A process of openssl has a clock of its own: beside it, time on the wall.
      () => rate(ms / ROUNDS, whole, wallClock),
    ]
    // The first round warms up.
    for (const load of loads) await load()
    const rates = await inTurn(ROUNDS, [...loads, opensslRate(chain)])
    const [limit = 0, fromParsed = 0, fromDer = 0, other = 0, onWall = 0, openssl = 0] = rates
    const unit = 'validations/CPU s'
    const label = `path.${kind}`
    results.push(
      measurement(`${label}.parsed`, fromParsed, unit, 'node:crypto verify only', limit),
      measurement(`${label}.der`, fromDer, unit, name, other),
      measurement(`${label}.der.openssl`, onWall, 'validations/s', 'openssl verify', openssl),
    )
  }
  return results
}

export const benches: Record<string, Bench> = {
  'path.validate': ({ quick }) => benchPaths(quick ? 300 : 1_000),
}
