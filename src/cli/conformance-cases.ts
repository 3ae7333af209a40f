/** Foreign cases as inputs of the validator. */
import { z } from 'zod'
import { MAX_INPUT_CERTIFICATES } from '../pki/budget'
import { CertificateError } from '../pki/certificate'
import { crlStatus } from '../pki/crl-check'
import { DerError } from '../pki/der'
import { isPaddedInteger } from '../pki/der-values'
import { checkOcspResponse } from '../pki/ocsp-check'
import { type PathCertificate, readPathCertificate } from '../pki/path-certificate'
import { type PathInput, validatePath } from '../pki/path-validation'
import { decodePem, PemError } from '../pki/pem'
import { STRICTNESS, type StrictnessName } from '../pki/strictness'
import {
  type CrlCase,
  crlCase,
  type OcspCase,
  ocspCase,
  type ParseCase,
  type PathCase,
  parseCase,
  pathCase,
} from './conformance-format'

export type ConformanceResult = {
  readonly id: string
  readonly verdict: 'SUCCESS' | 'FAILURE'
  readonly codes: readonly string[]
  /** The suite's own word, where it has more than two: GOOD, REVOKED, UNKNOWN, OK, MALFORMED. */
  readonly status?: string
}

/** The verdict on one case. `expected` is not even read; a case that cannot be read fails. */
export function runCase(raw: unknown): ConformanceResult {
  const asParse = parseCase.safeParse(raw)
  if (asParse.success) return runParseCase(asParse.data)
  const asCrl = crlCase.safeParse(raw)
  if (asCrl.success) return runCrlCase(asCrl.data)
  const asOcsp = ocspCase.safeParse(raw)
  if (asOcsp.success) return runOcspCase(asOcsp.data)
  const asPath = pathCase.safeParse(raw)
  if (asPath.success) return runPathCase(asPath.data)
  const id = z.object({ id: z.string() }).safeParse(raw)
  return { id: id.success ? id.data.id : '', verdict: 'FAILURE', codes: ['CASE_UNREADABLE'] }
}

/**
 * Suites differ in what they test, and each gets one strictness. limbo holds two profiles with contradicting
 * cases, told apart by its own namespaces: `webpki::…` and everything else.
 */
function strictnessOf(suite: string, group: string): StrictnessName {
  switch (suite) {
    case 'limbo':
      return group.startsWith('webpki') ? 'webpki' : 'conforming'
    case 'pkits':
    case 'openssl-ocsp':
      return 'pkits'
    case 'bssl-chain':
    case 'bssl-crl':
    case 'bssl-crl-unit':
    case 'bssl-ocsp':
      return 'boringssl'
    default:
      return 'rfc5280'
  }
}

function runPathCase(testCase: PathCase): ConformanceResult {
  const result = validatePath(toInput(testCase))
  return {
    id: testCase.id,
    verdict: result.valid ? 'SUCCESS' : 'FAILURE',
    codes: [...new Set(result.failures.map(({ code }) => code))],
  }
}

const REVOCATION: Readonly<Record<string, 'none' | 'leaf' | 'all'>> = {
  none: 'none',
  crl: 'leaf',
  'crl-all': 'all',
  'ocsp-all': 'all',
}

/** A path case, straight from its line, as input of `validatePath`. */
export function toPathInput(raw: unknown): PathInput {
  return toInput(pathCase.parse(raw))
}

function toInput(testCase: PathCase): PathInput {
  const { policy, revocation } = testCase
  return {
    leaf: pemToDer(testCase.leaf),
    intermediates: testCase.intermediates.slice(0, MAX_INPUT_CERTIFICATES).map(pemToDer),
    trustAnchors: testCase.trusted.map(pemToDer),
    extraCerts: testCase.extraCerts.map(pemToDer),
    crls: testCase.crls.map(pemToDer),
    ocspResponses: testCase.responses.map(fromBase64),
    at: new Date(testCase.time),
    // A way of checking that is not known here must not pass for none.
    revocation: REVOCATION[revocation] ?? 'all',
    keyUsage: testCase.keyUsage,
    extendedKeyUsage: testCase.eku,
    peerNames: [...(testCase.peerName == null ? [] : [testCase.peerName]), ...testCase.peerNames],
    anchor: testCase.anchor,
    strictness: strictnessOf(testCase.suite, testCase.group),
    ...(testCase.maxDepth == null ? {} : { maxPathLength: testCase.maxDepth }),
    ...(testCase.crlMaxAgeSeconds == null ? {} : { crlMaxAgeSeconds: testCase.crlMaxAgeSeconds }),
    ...(policy == null
      ? {}
      : {
          policy: {
            initialPolicySet: policy.initialPolicySet,
            requireExplicitPolicy: policy.explicit,
            inhibitPolicyMapping: policy.inhibitMapping,
            inhibitAnyPolicy: policy.inhibitAny,
          },
        }),
  }
}

/** Malformed in form, or in anything a certificate says about itself. */
function runParseCase(testCase: ParseCase): ConformanceResult {
  let codes: readonly string[]
  try {
    const certificate = readPathCertificate(fromBase64(testCase.certDerBase64))
    codes = certificate.problems
      .map(({ code }) => code)
      .filter((code) => code === 'CERT_BAD_NAME' || code === 'CERT_BAD_EXTENSION')
    if (isPaddedInteger(certificate.parsed.serialBytes)) codes = [...codes, 'CERT_BAD_SERIAL']
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof CertificateError)) throw error
    codes = ['CERT_MALFORMED']
  }
  const isGood = codes.length === 0
  return {
    id: testCase.id,
    verdict: isGood ? 'SUCCESS' : 'FAILURE',
    codes,
    status: isGood ? 'OK' : 'MALFORMED',
  }
}

/** One CRL about one certificate, whose issuers are given as good. */
function runCrlCase(testCase: CrlCase): ConformanceResult {
  const [certificate, ...issuers] = readCertificates([testCase.cert, ...testCase.issuers])
  if (certificate === undefined) return toResult(testCase.id, [])
  const result = crlStatus({
    certificate,
    issuers,
    crls: [pemToDer(testCase.crl)],
    atMs: Date.parse(testCase.time),
    maxAgeSeconds: testCase.crlMaxAgeSeconds,
    strictness: STRICTNESS.boringssl,
  })
  return toResult(testCase.id, [result.status])
}

function runOcspCase(testCase: OcspCase): ConformanceResult {
  const [certificate, issuer] = readCertificates([testCase.cert, testCase.issuer])
  if (certificate === undefined || issuer === undefined) return toResult(testCase.id, [])
  const outcomes = testCase.responses.map((response) =>
    checkOcspResponse({
      response: fromBase64(response),
      certificate,
      issuer,
      atMs: Date.parse(testCase.time),
      maxAgeSeconds: testCase.maxAgeSeconds,
      strictness: STRICTNESS.boringssl,
    }),
  )
  return toResult(
    testCase.id,
    outcomes.map(({ status }) => status),
  )
}

/** All of them, or none when one cannot be read. */
function readCertificates(pems: readonly string[]): readonly PathCertificate[] {
  try {
    return pems.map((pem) => readPathCertificate(pemToDer(pem)))
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError) return []
    throw error
  }
}

type Status = 'good' | 'revoked' | 'unknown'

function toResult(id: string, statuses: readonly Status[]): ConformanceResult {
  if (statuses.includes('revoked')) {
    return { id, verdict: 'FAILURE', codes: ['PATH_REVOKED'], status: 'REVOKED' }
  }
  if (statuses.includes('good')) return { id, verdict: 'SUCCESS', codes: [], status: 'GOOD' }
  return { id, verdict: 'FAILURE', codes: ['PATH_REVOCATION_UNKNOWN'], status: 'UNKNOWN' }
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

/** DER of the first block; text that is no PEM gives bytes that are no certificate. */
function pemToDer(pem: string): Uint8Array {
  try {
    return decodePem(pem)[0]?.der ?? new Uint8Array(0)
  } catch (error) {
    if (error instanceof PemError) return new Uint8Array(0)
    throw error
  }
}
