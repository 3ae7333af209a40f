import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, Index as Index_, StringColumn as StringColumn_, IntColumn as IntColumn_, BytesColumn as BytesColumn_} from "@subsquid/typeorm-store"
import {Continuity} from "./_continuity"

/**
 * The span of an identifier from register to deactivate.
 */
@Index_(["autoId", "ordinal"], {unique: true})
@Entity_()
export class Registration {
    constructor(props?: Partial<Registration>) {
        Object.assign(this, props)
    }

    /**
     * `<autoId>-<ordinal>`
     */
    @PrimaryColumn_()
    id!: string

    @StringColumn_({nullable: false})
    autoId!: string

    /**
     * From 1.
     */
    @IntColumn_({nullable: false})
    ordinal!: number

    @Index_()
    @IntColumn_({nullable: false})
    blockFrom!: number

    @StringColumn_({nullable: false})
    eventFrom!: string

    /**
     * Block of the deactivation (the row is over from there on).
     */
    @IntColumn_({nullable: true})
    blockTo!: number | undefined | null

    @StringColumn_({nullable: true})
    eventTo!: string | undefined | null

    @BytesColumn_({nullable: false})
    publicKey!: Uint8Array

    @StringColumn_({nullable: false})
    publicKeySha256!: string

    @StringColumn_({nullable: false})
    publicKeyAlgorithm!: string

    @IntColumn_({nullable: true})
    publicKeyBits!: number | undefined | null

    @Column_("varchar", {length: 15, nullable: false})
    continuity!: Continuity

    /**
     * What the continuity rests on, in words for people.
     */
    @StringColumn_({nullable: false})
    continuityProof!: string
}
