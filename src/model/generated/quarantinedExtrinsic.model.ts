import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, IntColumn as IntColumn_, Index as Index_, StringColumn as StringColumn_} from "@subsquid/typeorm-store"

/**
 * Extrinsics that could not be decoded: kept in sight.
 */
@Entity_()
export class QuarantinedExtrinsic {
    constructor(props?: Partial<QuarantinedExtrinsic>) {
        Object.assign(this, props)
    }

    /**
     * `<height, 10 digits>-<extrinsic index, 6 digits>`
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
    reason!: string

    @IntColumn_({nullable: false})
    length!: number
}
