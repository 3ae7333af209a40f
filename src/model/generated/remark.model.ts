import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, IntColumn as IntColumn_, Index as Index_, StringColumn as StringColumn_} from "@subsquid/typeorm-store"

/**
 * `System.Remarked`: content anchored in time.
 */
@Entity_()
export class Remark {
    constructor(props?: Partial<Remark>) {
        Object.assign(this, props)
    }

    /**
     * Event id.
     */
    @PrimaryColumn_()
    id!: string

    @Index_()
    @IntColumn_({nullable: false})
    block!: number

    @IntColumn_({nullable: false})
    extrinsicIndex!: number

    @StringColumn_({nullable: false})
    extrinsicHash!: string

    @StringColumn_({nullable: false})
    callPath!: string

    @StringColumn_({nullable: false})
    sender!: string

    @Index_()
    @StringColumn_({nullable: false})
    remarkHash!: string

    /**
     * The remark itself as 0x hex, up to 256 bytes.
     */
    @Index_()
    @StringColumn_({nullable: true})
    remark!: string | undefined | null
}
