import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, Index as Index_, StringColumn as StringColumn_, BytesColumn as BytesColumn_, DateTimeColumn as DateTimeColumn_, IntColumn as IntColumn_, JSONColumn as JSONColumn_} from "@subsquid/typeorm-store"
import {SignatureOutcome} from "./_signatureOutcome"

/**
 * One certificate as it was registered or renewed: one row for each such event.
 */
@Index_(["issuerId", "serial"], {unique: false})
@Index_(["autoId", "blockFrom"], {unique: false})
@Entity_()
export class Certificate {
    constructor(props?: Partial<Certificate>) {
        Object.assign(this, props)
    }

    /**
     * Id of the REGISTERED or RENEWED event.
     */
    @PrimaryColumn_()
    id!: string

    @StringColumn_({nullable: false})
    autoId!: string

    @StringColumn_({nullable: false})
    registrationId!: string

    /**
     * Registry issuer (null for a root) and the certificate it had in force at that moment.
     */
    @StringColumn_({nullable: true})
    issuerId!: string | undefined | null

    @StringColumn_({nullable: true})
    issuerCertificateId!: string | undefined | null

    @Index_()
    @StringColumn_({nullable: false})
    serial!: string

    /**
     * The TBSCertificate, the AlgorithmIdentifier argument and the signature, exactly as submitted.
     */
    @BytesColumn_({nullable: false})
    tbs!: Uint8Array

    @BytesColumn_({nullable: true})
    signatureAlgorithm!: Uint8Array | undefined | null

    @BytesColumn_({nullable: true})
    signature!: Uint8Array | undefined | null

    /**
     * The rebuilt Certificate; null when none can be rebuilt, and then why.
     */
    @BytesColumn_({nullable: true})
    der!: Uint8Array | undefined | null

    @StringColumn_({nullable: true})
    rebuildProblem!: string | undefined | null

    /**
     * SHA-256 of `der`, of `tbs`.
     */
    @Index_()
    @StringColumn_({nullable: true})
    fingerprint!: string | undefined | null

    @Index_()
    @StringColumn_({nullable: false})
    tbsFingerprint!: string

    @StringColumn_({nullable: false})
    subject!: string

    @StringColumn_({nullable: false})
    issuerName!: string

    @StringColumn_({nullable: false})
    commonName!: string

    @DateTimeColumn_({nullable: false})
    notBefore!: Date

    @Index_()
    @DateTimeColumn_({nullable: false})
    notAfter!: Date

    @BytesColumn_({nullable: false})
    publicKey!: Uint8Array

    @Index_()
    @StringColumn_({nullable: false})
    publicKeySha256!: string

    @StringColumn_({nullable: false})
    publicKeyAlgorithm!: string

    @IntColumn_({nullable: true})
    publicKeyBits!: number | undefined | null

    /**
     * Name of the algorithm inside the TBS, e.g. `sha256WithRSAEncryption`; its OID when unknown.
     */
    @StringColumn_({nullable: false})
    signatureAlgorithmName!: string

    @Column_("varchar", {length: 11, nullable: false})
    signatureOutcome!: SignatureOutcome

    /**
     * Decoded extensions, `[{oid, name, critical, value, hex}]`; null when they do not parse.
     */
    @JSONColumn_({nullable: true})
    extensions!: unknown | undefined | null

    /**
     * Why a strict RFC 5280 parser refuses it; null when it does not.
     */
    @StringColumn_({nullable: true})
    parseProblem!: string | undefined | null

    /**
     * The first subjectAltName URI that begins with `autoid:auto:`, as text; null when there is none.
     */
    @StringColumn_({nullable: true})
    sanAutoId!: string | undefined | null

    @Index_()
    @IntColumn_({nullable: false})
    blockFrom!: number

    /**
     * Event that ended it being in force (renewal or deactivation).
     */
    @IntColumn_({nullable: true})
    blockTo!: number | undefined | null

    @StringColumn_({nullable: true})
    eventTo!: string | undefined | null
}
