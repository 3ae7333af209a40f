import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, Index as Index_, StringColumn as StringColumn_, IntColumn as IntColumn_} from "@subsquid/typeorm-store"
import {RevocationReason} from "./_revocationReason"

/**
 * An element of `CertificateRevocationList[issuerId]`; the pallet never removes one.
 */
@Index_(["issuerId", "block"], {unique: false})
@Entity_()
export class Revocation {
    constructor(props?: Partial<Revocation>) {
        Object.assign(this, props)
    }

    /**
     * `<issuerId>-<serial>`
     */
    @PrimaryColumn_()
    id!: string

    @StringColumn_({nullable: false})
    issuerId!: string

    @Index_()
    @StringColumn_({nullable: false})
    serial!: string

    @Index_()
    @IntColumn_({nullable: false})
    block!: number

    @Column_("varchar", {length: 10, nullable: false})
    reason!: RevocationReason

    /**
     * The event that put it there; null for entries of the genesis state.
     */
    @StringColumn_({nullable: true})
    eventId!: string | undefined | null

    /**
     * The certificate the operation was about; null when unknown.
     */
    @StringColumn_({nullable: true})
    certificateId!: string | undefined | null
}
