import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, Index as Index_, StringColumn as StringColumn_, BooleanColumn as BooleanColumn_, IntColumn as IntColumn_, BigIntColumn as BigIntColumn_, BytesColumn as BytesColumn_} from "@subsquid/typeorm-store"
import {RegistryCall} from "./_registryCall"
import {CallStatus} from "./_callStatus"

/**
 * An AutoId call that changed nothing, and why.
 */
@Index_(["autoId", "id"], {unique: false})
@Index_(["error", "id"], {unique: false})
@Entity_()
export class FailedCall {
    constructor(props?: Partial<FailedCall>) {
        Object.assign(this, props)
    }

    /**
     * `<height, 10 digits>-<extrinsic index, 6 digits>-<order within the extrinsic, 6 digits>`
     */
    @PrimaryColumn_()
    id!: string

    @Column_("varchar", {length: 10, nullable: false})
    call!: RegistryCall

    @Column_("varchar", {length: 12, nullable: false})
    status!: CallStatus

    /**
     * `Pallet.Name`; null for calls that were reverted or never ran.
     */
    @StringColumn_({nullable: true})
    error!: string | undefined | null

    @BooleanColumn_({nullable: false})
    derived!: boolean

    @Index_()
    @IntColumn_({nullable: false})
    block!: number

    @IntColumn_({nullable: false})
    extrinsicIndex!: number

    @Index_()
    @StringColumn_({nullable: false})
    extrinsicHash!: string

    @StringColumn_({nullable: false})
    callPath!: string

    @StringColumn_({array: true, nullable: false})
    wrappers!: (string)[]

    @Index_()
    @StringColumn_({nullable: true})
    signer!: string | undefined | null

    @BigIntColumn_({nullable: true})
    fee!: bigint | undefined | null

    /**
     * The identifier the call was about: its argument, or for a registration the one computed from the certificate; null when there is none.
     */
    @StringColumn_({nullable: true})
    autoId!: string | undefined | null

    @StringColumn_({nullable: true})
    issuerId!: string | undefined | null

    @StringColumn_({nullable: true})
    serial!: string | undefined | null

    /**
     * TBS of register and renew; null otherwise.
     */
    @BytesColumn_({nullable: true})
    tbs!: Uint8Array | undefined | null

    @BytesColumn_({nullable: false})
    signatureAlgorithm!: Uint8Array

    @BytesColumn_({nullable: false})
    signature!: Uint8Array
}
