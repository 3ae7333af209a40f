/** What a certificate says about issuing, for advisories about what is issued below it. */
import type { NameConstraints } from '../pki/extensions'
import { strictReadingOf } from './certificate-content'
import { decodePalletCertificate } from './pallet-certificate'

export type IssuerReading = {
  /** DER Name; undefined where even the pallet could not read the certificate. */
  readonly subject: Uint8Array | undefined
  /** Undefined where strict readers refuse the certificate. */
  readonly strict: StrictIssuer | undefined
}

export type StrictIssuer = {
  /** cA of basicConstraints; undefined without the extension. */
  readonly isCa: boolean | undefined
  /** keyCertSign; undefined without a keyUsage extension. */
  readonly maySign: boolean | undefined
  readonly pathLenConstraint: number | null
  readonly nameConstraints: NameConstraints | undefined
  readonly isSelfIssued: boolean
}

/**
 * An issuer's certificate, read when something is first issued below it. Only what was read is kept then: issuers stay
 * in memory by the ten thousands, and whole certificates, or all that strict readers find in them, would be many times that.
 */
export class IssuerCertificate {
  private known: IssuerReading | undefined

  /** @param tbs the TBSCertificate as submitted; nobody may change it */
  constructor(private tbs: Uint8Array | null) {}

  reading(): IssuerReading {
    this.known ??= readIssuer(this.tbs ?? new Uint8Array())
    this.tbs = null
    return this.known
  }
}

function readIssuer(tbs: Uint8Array): IssuerReading {
  const decoded = decodePalletCertificate(tbs)
  const strict = strictReadingOf(tbs)
  return {
    // A view would keep the whole certificate.
    subject: decoded.ok ? decoded.certificate.details.subject.slice() : undefined,
    strict:
      strict === undefined
        ? undefined
        : {
            isCa: strict.basicConstraints?.cA,
            maySign: strict.keyUsage?.has('keyCertSign'),
            pathLenConstraint: strict.basicConstraints?.pathLenConstraint ?? null,
            nameConstraints: strict.nameConstraints,
            isSelfIssued: strict.isSelfIssued,
          },
  }
}
