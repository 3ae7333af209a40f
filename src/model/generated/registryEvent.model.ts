import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, Index as Index_, IntColumn as IntColumn_, StringColumn as StringColumn_, BigIntColumn as BigIntColumn_, BytesColumn as BytesColumn_} from "@subsquid/typeorm-store"
import {EventKind} from "./_eventKind"
import {EventSource} from "./_eventSource"

/**
 * The timeline.
 */
@Index_(["autoId", "id"], {unique: false})
@Index_(["signer", "id"], {unique: false})
@Index_(["kind", "id"], {unique: false})
@Index_(["issuerId", "id"], {unique: false})
@Entity_()
export class RegistryEvent {
    constructor(props?: Partial<RegistryEvent>) {
        Object.assign(this, props)
    }

    @PrimaryColumn_()
    id!: string

    @Column_("varchar", {length: 11, nullable: false})
    kind!: EventKind

    @Column_("varchar", {length: 7, nullable: false})
    source!: EventSource

    @Index_()
    @IntColumn_({nullable: false})
    block!: number

    @IntColumn_({nullable: false})
    eventIndex!: number

    /**
     * Null for the genesis state.
     */
    @IntColumn_({nullable: true})
    extrinsicIndex!: number | undefined | null

    @Index_()
    @StringColumn_({nullable: true})
    extrinsicHash!: string | undefined | null

    /**
     * Indexes joined with `.`; empty for the extrinsic's own call.
     */
    @StringColumn_({nullable: false})
    callPath!: string

    /**
     * Names of the calls around it, outermost first.
     */
    @StringColumn_({array: true, nullable: false})
    wrappers!: (string)[]

    @StringColumn_({nullable: true})
    signer!: string | undefined | null

    /**
     * Fee of the whole extrinsic, in shannons.
     */
    @BigIntColumn_({nullable: true})
    fee!: bigint | undefined | null

    @StringColumn_({nullable: false})
    autoId!: string

    @StringColumn_({nullable: false})
    registrationId!: string

    /**
     * Registered or renewed: the new certificate. Revoked, deactivated: the one it was about.
     */
    @StringColumn_({nullable: false})
    certificateId!: string

    /**
     * The registry issuer concerned (null for a root).
     */
    @StringColumn_({nullable: true})
    issuerId!: string | undefined | null

    @StringColumn_({nullable: false})
    serial!: string

    /**
     * What was signed (the TBS; or the SCALE CertificateAction), by which algorithm, and the signature.
     */
    @BytesColumn_({nullable: true})
    signedPayload!: Uint8Array | undefined | null

    @BytesColumn_({nullable: true})
    signatureAlgorithm!: Uint8Array | undefined | null

    @BytesColumn_({nullable: true})
    signature!: Uint8Array | undefined | null

    /**
     * Nonce inside the signed action; null for register and renew.
     */
    @BigIntColumn_({nullable: true})
    nonce!: bigint | undefined | null
}
