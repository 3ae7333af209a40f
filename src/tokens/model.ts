/** The model a proof claims, against the models its signer's certificate names: URIs `urn:model:…` of its SAN. */
import { CertificateError, parseCertificate } from '../pki/certificate'
import { DerError } from '../pki/der'
import { decodeAltName } from '../pki/extensions'

const SUBJECT_ALT_NAME = '2.5.29.17'

export type ModelOutcome =
  /** Nothing claimed. */
  | 'NOT_CLAIMED'
  | 'MATCH'
  /** The certificate names models, and this is none of them. */
  | 'MISMATCH'
  /** The certificate names no model: the claim is the signer's own word. */
  | 'NOT_NAMED'
  /** There is no certificate to read: it may name another. */
  | 'UNREADABLE'

/** @param certificate DER; null when none can be rebuilt */
export function compareModel(model: string | null, certificate: Uint8Array | null): ModelOutcome {
  if (model === null) return 'NOT_CLAIMED'
  const named = certificate === null ? null : modelsOf(certificate)
  if (named === null) return 'UNREADABLE'
  if (named.length === 0) return 'NOT_NAMED'
  return named.includes(canonical(model)) ? 'MATCH' : 'MISMATCH'
}

function modelsOf(der: Uint8Array): readonly string[] | null {
  try {
    return parseCertificate(der)
      .extensions.filter(({ oid }) => oid === SUBJECT_ALT_NAME)
      .flatMap(({ value }) => decodeAltName(value))
      .flatMap((name) => (name.kind === 'uniformResourceIdentifier' ? [canonical(name.value)] : []))
      .filter((uri) => uri.startsWith('urn:model:'))
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError) return null
    throw error
  }
}

/** Scheme and namespace of a URN have no case; what follows has (RFC 8141 §3.1). */
function canonical(uri: string): string {
  return uri.replace(/^urn:model:/i, 'urn:model:')
}

type ModelRemark = {
  readonly isFailure: boolean
  readonly code: 'MODEL_ATTESTED' | 'MODEL_MISMATCH' | 'MODEL_ONLY_CLAIMED' | 'MODEL_UNDETERMINED'
  readonly message: string
}

/** What an outcome means for a proof; a mismatch is never valid. */
export const MODEL_REMARKS: Readonly<Record<ModelOutcome, ModelRemark | null>> = {
  NOT_CLAIMED: null,
  MATCH: {
    isFailure: false,
    code: 'MODEL_ATTESTED',
    message: "the signer's certificate names this model",
  },
  MISMATCH: {
    isFailure: true,
    code: 'MODEL_MISMATCH',
    message: "the signer's certificate names another model",
  },
  NOT_NAMED: {
    isFailure: false,
    code: 'MODEL_ONLY_CLAIMED',
    message: "the signer's certificate names no model: this one is only its own word",
  },
  UNREADABLE: {
    isFailure: true,
    code: 'MODEL_UNDETERMINED',
    message: "the signer's certificate cannot be read, and may name another model",
  },
}
