/** The responder's key: given by files, or made once under DATA_DIR. */
import {
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { equalBytes } from '../bytes'
import { makeDataDir, unusableDataDir } from '../data-dir'
import { AppError } from '../errors'
import { type ParsedCertificate, parseCertificate } from '../pki/certificate'
import { encodeNull, encodeOid, encodeSequence } from '../pki/der-writer'
import type { Signer } from '../pki/ocsp-encode'
import { decodePemCertificates, encodePem } from '../pki/pem'
import { publicKeyInfo } from '../pki/public-key'
import { buildResponderCertificate } from './responder-certificate'

/** The signer with what the endpoints need besides. */
export type ResponderSigner = Signer & {
  readonly parsed: ParsedCertificate
  /** DER subject Name of the certificate: the issuer of our CRLs. */
  readonly subject: Uint8Array
  readonly privateKey: KeyObject
  /** JWS algorithm of the key (RFC 7518). */
  readonly jwsAlgorithm: 'ES256' | 'ES384' | 'RS256'
}

export type SignerOptions = {
  readonly dataDir: string
  /** PEM files; both or neither. */
  readonly keyFile: string | null
  readonly certFile: string | null
  readonly nowMs: number
}

const KEY_FILE = 'responder.key.pem'
const CERT_FILE = 'responder.pem'

/**
 * Loads the responder's key, or makes it on first start. Two processes that start together end up with one key.
 * @throws {AppError} BAD_USER_INPUT when the files are unreadable, do not fit each other, or the certificate is over.
 */
export async function loadSigner(options: SignerOptions): Promise<ResponderSigner> {
  const isGiven = options.keyFile !== null && options.certFile !== null
  const keyFile = options.keyFile ?? path.join(options.dataDir, KEY_FILE)
  const certFile = options.certFile ?? path.join(options.dataDir, CERT_FILE)
  if (!isGiven) await makeOnce(options.dataDir, keyFile, certFile, options.nowMs)
  const [keyText, certText] = await Promise.all([
    readSetting(keyFile, 'RESPONDER_KEY'),
    readSetting(certFile, 'RESPONDER_CERT'),
  ])
  return createSigner(keyText, certText, options.nowMs)
}

async function makeOnce(
  dataDir: string,
  keyFile: string,
  certFile: string,
  nowMs: number,
): Promise<void> {
  makeDataDir(dataDir)
  if (await exists(certFile)) return
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const made = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await createExclusively(keyFile, made).catch((cause) => {
    throw unusableDataDir(dataDir, cause)
  })
  // Not the key just made when another process was first.
  const key = readKey(await readFile(keyFile, 'utf8'))
  const { algorithm, hash } = signingAlgorithm(key)
  const der = buildResponderCertificate(publicKeyOf(key), nowMs, algorithm, (tbs) =>
    sign(hash, tbs, key),
  )
  await createExclusively(certFile, encodePem('CERTIFICATE', der))
}

/** The whole file appears at once, and only if there was none. */
async function createExclusively(file: string, text: string): Promise<void> {
  // Not named by the process id: containers that share the folder share that too.
  const draft = `${file}.${randomUUID()}.draft`
  await writeFile(draft, text, { mode: 0o600 })
  try {
    await link(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft)
  }
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  )
}

async function readSetting(file: string, setting: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `${setting}: cannot read ${file}`, {}, { cause })
  }
}

/** @throws {AppError} BAD_USER_INPUT. */
export function createSigner(keyPem: string, certPem: string, nowMs: number): ResponderSigner {
  const key = readKey(keyPem)
  const parsed = readCertificate(certPem)
  const spki = publicKeyOf(key)
  if (!equalBytes(spki, parsed.spki)) {
    throw new AppError('BAD_USER_INPUT', 'RESPONDER_CERT is not a certificate of RESPONDER_KEY')
  }
  if (nowMs < parsed.notBefore.ms || nowMs > parsed.notAfter.ms) {
    throw new AppError('BAD_USER_INPUT', 'RESPONDER_CERT is not within its validity')
  }
  const { algorithm, hash, jws } = signingAlgorithm(key)
  return {
    certificate: parsed.der,
    parsed,
    subject: parsed.subject,
    privateKey: key,
    spki,
    signatureAlgorithm: algorithm,
    jwsAlgorithm: jws,
    sign: (tbs) => sign(hash, tbs, key),
    startSignature: () => {
      const signing = createSign(hash)
      return { update: (piece) => void signing.update(piece), finish: () => signing.sign(key) }
    },
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', 'RESPONDER_KEY is no private key in PEM', {}, { cause })
  }
}

function publicKeyOf(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }))
}

function readCertificate(pem: string): ParsedCertificate {
  try {
    const [der] = decodePemCertificates(pem)
    return parseCertificate(der ?? new Uint8Array())
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', 'RESPONDER_CERT is no certificate in PEM', {}, { cause })
  }
}

function signingAlgorithm(key: KeyObject): {
  algorithm: Uint8Array
  hash: string
  jws: ResponderSigner['jwsAlgorithm']
} {
  const info = publicKeyInfo(publicKeyOf(key))
  if (info.algorithm === 'EC-P256') {
    return { algorithm: ecdsa('1.2.840.10045.4.3.2'), hash: 'sha256', jws: 'ES256' }
  }
  if (info.algorithm === 'EC-P384') {
    return { algorithm: ecdsa('1.2.840.10045.4.3.3'), hash: 'sha384', jws: 'ES384' }
  }
  if (info.algorithm === 'RSA' && (info.bits ?? 0) >= 2048) {
    const algorithm = encodeSequence(encodeOid('1.2.840.113549.1.1.11'), encodeNull())
    return { algorithm, hash: 'sha256', jws: 'RS256' }
  }
  const given = `${info.algorithm}${info.bits === null ? '' : ` of ${info.bits} bits`}`
  throw new AppError(
    'BAD_USER_INPUT',
    `RESPONDER_KEY is ${given}: expected EC P-256 or P-384, or RSA of 2048 bits or more`,
  )
}

function ecdsa(oid: string): Uint8Array {
  return encodeSequence(encodeOid(oid))
}
