import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, StringColumn as StringColumn_, IntColumn as IntColumn_, Index as Index_} from "@subsquid/typeorm-store"

/**
 * Membership of `issued_serials` of an entry, over an interval of blocks.
 */
@Entity_()
export class IssuedSerial {
    constructor(props?: Partial<IssuedSerial>) {
        Object.assign(this, props)
    }

    /**
     * `<blockFrom, 10 digits>-<number within the block, 6 digits>`
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
