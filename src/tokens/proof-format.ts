/** The two forms of a provenance proof: compact JWS by an Auto ID, and CMS detached signatures. */
import { createHash } from 'node:crypto'
import { type Hex, toHex } from '../bytes'
import type { HashName } from '../pki/algorithm'
import { CertificateError } from '../pki/certificate'
import { DerError } from '../pki/der'
import { decodePem, PemError } from '../pki/pem'
import { ID_DATA, isSignedBy, MAX_CMS_BYTES, parseSignedData, signerCertificate } from './cms'
import { autoIdOf, decodeJws, type JwsOutcome, verifyJws } from './jws'

/** `typ` of our proofs. */
export const PROVENANCE_TYPE = 'autoid-provenance+jwt'
/** A proof goes with a post. */
export const MAX_JWS_CHARACTERS = 16_384
const MAX_TEXT = 512

/** Hex, lower case, without prefix. */
export type ContentDigest = { readonly hash: HashName; readonly hex: string }

export type ParsedProof = {
  /** Whoever signed it, if its certificate is not that of another. */
  readonly signer: Hex
  /** Others that registered the same certificate. */
  readonly others: readonly Hex[]
  /** What is anchored and time-stamped: the JWS's ASCII, or the DER. */
  readonly bytes: Uint8Array
  /** Of the content, as the proof has it. */
  readonly contentDigest: ContentDigest
  readonly model: string | null
  readonly tool: string | null
  readonly claimedAtMs: number | null
  readonly timestamps: readonly { readonly token: Uint8Array; readonly stamped: Uint8Array }[]
  verify(spki: Uint8Array): Promise<JwsOutcome>
}

type Parsed = ParsedProof | { readonly problem: string }

/** A proof of either form, its signature unchecked. `findSigners` names the identities that registered a CMS signer's certificate. */
export async function parseProof(
  proof: string,
  findSigners: (fingerprint: Hex) => Promise<readonly Hex[]>,
): Promise<Parsed> {
  const text = proof.trim()
  if (/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text)) return parseJwsProof(text)
  const der = cmsBytes(text)
  return der === null
    ? { problem: 'neither a compact JWS nor CMS' }
    : parseCmsProof(der, findSigners)
}

function parseJwsProof(jws: string): Parsed {
  if (jws.length > MAX_JWS_CHARACTERS) return { problem: 'proof too long' }
  const decoded = decodeJws(jws)
  if (decoded === null) return { problem: 'no compact JWS over a JSON object' }
  const { header, claims } = decoded
  const { sub, sha256, model, tool, iat } = claims as Record<string, unknown>
  if (header.typ !== PROVENANCE_TYPE) return { problem: `typ is not ${PROVENANCE_TYPE}` }
  const signer = autoIdOf(sub)
  if (signer === null || (header.kid !== undefined && header.kid !== signer)) {
    return { problem: 'sub and kid must name the same Auto ID' }
  }
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    return { problem: 'sha256 must be 64 lower-case hex digits' }
  }
  if (
    iat !== undefined &&
    (typeof iat !== 'number' || !Number.isFinite(iat) || Math.abs(iat) > 1e11)
  ) {
    return { problem: 'iat is no number of seconds' }
  }
  if (![model, tool].every((one) => one === undefined || isShortText(one))) {
    return { problem: `model and tool are texts of at most ${MAX_TEXT} characters` }
  }
  return {
    signer,
    others: [],
    bytes: Buffer.from(jws, 'latin1'),
    contentDigest: { hash: 'sha256', hex: sha256 },
    model: (model as string | undefined) ?? null,
    tool: (tool as string | undefined) ?? null,
    claimedAtMs: iat === undefined ? null : iat * 1000,
    timestamps: [],
    verify: (spki) => verifyJws(jws, spki),
  }
}

function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_TEXT
}

/** PEM (`CMS`, `PKCS7`) or Base64; null for anything else. */
function cmsBytes(text: string): Uint8Array | null {
  if (text.length > MAX_CMS_BYTES * 2) return null
  try {
    if (text.includes('-----BEGIN')) {
      return decodePem(text).find(({ label }) => label === 'CMS' || label === 'PKCS7')?.der ?? null
    }
  } catch (error) {
    if (error instanceof PemError) return null
    throw error
  }
  const compact = text.replace(/\s/g, '')
  const bytes = Buffer.from(compact, 'base64')
  return compact !== '' && bytes.toString('base64') === compact ? new Uint8Array(bytes) : null
}

async function parseCmsProof(
  der: Uint8Array,
  findSigners: (fingerprint: Hex) => Promise<readonly Hex[]>,
): Promise<Parsed> {
  try {
    const data = parseSignedData(der)
    if (data.content !== null) return { problem: 'the signature must be detached' }
    if (data.contentType !== ID_DATA) return { problem: 'not over plain data (id-data)' }
    const certificate = signerCertificate(data)
    if (certificate === null) return { problem: 'the signer sent no certificate along' }
    const fingerprint = toHex(createHash('sha256').update(certificate.der).digest())
    const [signer, ...others] = await findSigners(fingerprint)
    if (signer === undefined) return { problem: "the signer's certificate is not in the registry" }
    return {
      signer,
      others,
      bytes: der,
      contentDigest: {
        hash: data.digestAlgorithm,
        hex: Buffer.from(data.messageDigest).toString('hex'),
      },
      model: null,
      tool: null,
      claimedAtMs: data.signingTimeMs,
      timestamps: data.timestampTokens.map((token) => ({ token, stamped: data.signature })),
      verify: async (spki) =>
        isSignedBy(data, spki)
          ? { ok: true }
          : { ok: false, message: 'the signature does not verify under the key in the registry' },
    }
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError)
      return { problem: error.message }
    throw error
  }
}
