import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, Index as Index_, StringColumn as StringColumn_, IntColumn as IntColumn_} from "@subsquid/typeorm-store"

/**
 * Membership of `issued_serials` of an entry, over an interval of blocks.
 */
@Index_(["autoId", "serial", "blockFrom"], {unique: true})
@Entity_()
export class IssuedSerial {
    constructor(props?: Partial<IssuedSerial>) {
        Object.assign(this, props)
    }

    /**
     * `<autoId>-<serial>-<blockFrom>`
     */
    @PrimaryColumn_()
    id!: string

    @StringColumn_({nullable: false})
    autoId!: string

    @StringColumn_({nullable: false})
    serial!: string

    @Index_()
    @IntColumn_({nullable: false})
    blockFrom!: number

    @IntColumn_({nullable: true})
    blockTo!: number | undefined | null
}
