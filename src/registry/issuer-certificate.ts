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

/** Octets of a DER Name: whoever registers must not choose how much memory a packed reading takes. */
const MAX_PACKED_SUBJECT = 128

/**
 * An issuer's certificate, read when something is first issued below it. Only what was read is kept then: issuers stay
 * in memory by the ten thousands, and whole certificates, or all that strict readers find in them, would be many times that.
 */
export class IssuerCertificate {
  private tbs: Uint8Array | null

  /**
   * @param tbs the TBSCertificate as submitted; nobody may change it
   * @param known what was read from the same bytes before
   */
  constructor(
    tbs: Uint8Array,
    private known?: IssuerReading,
  ) {
    this.tbs = known === undefined ? tbs : null
  }

  reading(): IssuerReading {
    this.known ??= readIssuer(this.tbs ?? new Uint8Array())
    this.tbs = null
    return this.known
  }

  /** The reading in some 80 characters, 170 at most; null when nothing was read yet, or it is of the rare kind that is longer. */
  packed(): string | null {
    const { subject, strict } = this.known ?? {}
    if (subject === undefined || subject.length > MAX_PACKED_SUBJECT) return null
    if (strict?.nameConstraints !== undefined) return null
    const facts = strict && [
      strict.isCa,
      strict.maySign,
      strict.pathLenConstraint,
      strict.isSelfIssued,
    ]
    return `${JSON.stringify(facts ?? null)}\n${Buffer.from(subject).toString('latin1')}`
  }
}

/** @param packed of `IssuerCertificate.packed` */
export function unpackReading(packed: string): IssuerReading {
  const end = packed.indexOf('\n')
  const facts = JSON.parse(packed.slice(0, end)) as
    | [boolean | null, boolean | null, number | null, boolean]
    | null
  const subject = new Uint8Array(Buffer.from(packed.slice(end + 1), 'latin1'))
  if (facts === null) return { subject, strict: undefined }
  const [isCa, maySign, pathLenConstraint, isSelfIssued] = facts
  return {
    subject,
    strict: {
      isCa: isCa ?? undefined,
      maySign: maySign ?? undefined,
      pathLenConstraint,
      nameConstraints: undefined,
      isSelfIssued,
    },
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
