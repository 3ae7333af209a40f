/** Signatures checked on other threads while the blocks before theirs are applied and written. */
import { equalBytes, type Hex } from '../bytes'
import type { SignatureInput, SignatureOutcome } from '../pki/signature'
import { decodePalletCertificate } from './pallet-certificate'
import {
  type CheckSignature,
  verifyPalletSignature,
  verifyPalletSignatureInBackground,
} from './pallet-signature'
import type { BlockRecord, CertificateRequest, RegistryView } from './types'

export type CheckedSignature = {
  readonly input: SignatureInput
  readonly outcome: SignatureOutcome
}

/**
 * Which key signed is only known once a call's turn has come. The likely one is tried ahead; when it turns out to be
 * another key or another question, the answer is void and the signature is checked there and then.
 */
export class SignatureChecks {
  /** By the call's own bytes, not by their contents. */
  private readonly checked = new WeakMap<Uint8Array, CheckedSignature>()
  /** Keys of certificates in the blocks seen so far. */
  private readonly keys = new Map<Hex, Uint8Array>()

  /** @param view the state before these blocks, or before blocks ahead of them */
  async begin(blocks: readonly BlockRecord[], view: RegistryView): Promise<void> {
    const running: Promise<void>[] = []
    for (const { nodes } of blocks) {
      for (const node of nodes) {
        if (node.type !== 'CALL' || node.call.outcome.status !== 'APPLIED') continue
        const { call, outcome } = node.call
        if (call.kind !== 'REGISTER' && call.kind !== 'RENEW') continue
        const input = this.questionOf(call, outcome.autoId, view)
        if (input !== undefined) running.push(this.run(input))
      }
    }
    await Promise.all(running)
  }

  /** For `indexBlock`. */
  readonly check: CheckSignature = (input) => {
    const checked = this.checked.get(input.signature)
    return checked !== undefined && isSameQuestion(checked.input, input)
      ? checked.outcome
      : verifyPalletSignature(input)
  }

  private async run(input: SignatureInput): Promise<void> {
    const outcome = await verifyPalletSignatureInBackground(input)
    this.checked.set(input.signature, { input, outcome })
  }

  private questionOf(
    { issuerId, certificate, signature, signatureAlgorithm }: CertificateRequest,
    autoId: Hex,
    view: RegistryView,
  ): SignatureInput | undefined {
    const decoded = decodePalletCertificate(certificate)
    if (!decoded.ok) return undefined
    const own = decoded.certificate.subjectPublicKeyInfo
    this.keys.set(autoId, own)
    const spki =
      issuerId === null
        ? own
        : (this.keys.get(issuerId) ?? view.entry(issuerId)?.subjectPublicKeyInfo)
    return spki === undefined
      ? undefined
      : { spki, signatureAlgorithm, signature, data: certificate }
  }
}

export function isSameQuestion(a: SignatureInput, b: SignatureInput): boolean {
  return (
    equalBytes(a.spki, b.spki) &&
    equalBytes(a.signatureAlgorithm, b.signatureAlgorithm) &&
    equalBytes(a.signature, b.signature) &&
    equalBytes(a.data, b.data)
  )
}
