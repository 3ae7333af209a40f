/** Stand-ins for certificates that cannot be read or were never seen: shown as what they are, valid for nothing. */
import { publicKeyInfo } from '../pki/public-key'
import {
  type CertificateReading,
  commonNameText,
  readCertificate,
  sha256Hex,
} from './certificate-content'
import type { StoredEntry } from './types'

const NOTHING = new Uint8Array()
const UTF8_STRING = 12

/** What the chain's state tells of a certificate; its own fields where our reader refuses what the pallet took. */
export function readStoredCertificate(stored: StoredEntry): CertificateReading {
  const result = readCertificate({ tbs: stored.raw, signatureAlgorithm: null, signature: null })
  if (!result.ok) return standIn(stored, `not readable: ${result.reason}`)
  // What is looked up, before it is read, is the serial that the registry has.
  return result.reading.content.serial === stored.serial
    ? result.reading
    : standIn(stored, 'not read as the registry did: it has another serial')
}

/** Of an event in a block after which the registry no longer holds the certificate, and that no call explains. */
export function unseenCertificate(known: Omit<StoredEntry, 'raw'>): CertificateReading {
  return standIn(
    { ...known, raw: NOTHING },
    'never seen: it stood in the registry within its block only',
  )
}

function standIn(stored: StoredEntry, problem: string): CertificateReading {
  const { serial, subjectCommonName, subjectPublicKeyInfo, notBefore, notAfter, raw } = stored
  const key = publicKeyInfo(subjectPublicKeyInfo)
  return {
    strict: undefined,
    lax: {
      serial,
      subjectCommonName,
      subjectPublicKeyInfo,
      notBefore,
      notAfter,
      tbsLength: raw.length,
      details: {
        version: 2,
        serialBytes: Uint8Array.of(1),
        innerAlgorithm: NOTHING,
        issuer: NOTHING,
        subject: NOTHING,
        commonNameTag: UTF8_STRING,
        commonNameCount: 1,
        extensions: [],
      },
    },
    content: {
      serial,
      tbs: raw,
      signatureAlgorithm: null,
      signature: null,
      der: null,
      rebuildProblem: problem,
      fingerprint: null,
      tbsFingerprint: sha256Hex(raw),
      subject: '',
      issuerName: '',
      commonName: commonNameText(subjectCommonName, UTF8_STRING),
      commonNameBytes: subjectCommonName,
      notBefore,
      notAfter,
      publicKey: subjectPublicKeyInfo,
      publicKeySha256: sha256Hex(subjectPublicKeyInfo),
      publicKeyAlgorithm: key.algorithm,
      publicKeyBits: key.bits,
      signatureAlgorithmName: 'unknown',
      extensions: null,
      parseProblem: problem,
      sanAutoId: null,
    },
  }
}
