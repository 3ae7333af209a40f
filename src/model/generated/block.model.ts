import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, IntColumn as IntColumn_, Index as Index_, StringColumn as StringColumn_, DateTimeColumn as DateTimeColumn_} from "@subsquid/typeorm-store"

/**
 * Every indexed canonical block: the clock of the registry.
 */
@Entity_()
export class Block {
    constructor(props?: Partial<Block>) {
        Object.assign(this, props)
    }

    /**
     * The hash.
     */
    @PrimaryColumn_()
    id!: string

    @Index_({unique: true})
    @IntColumn_({nullable: false})
    height!: number

    @StringColumn_({nullable: false})
    parentHash!: string

    @StringColumn_({nullable: false})
    stateRoot!: string

    @StringColumn_({nullable: false})
    extrinsicsRoot!: string

    @Index_()
    @DateTimeColumn_({nullable: false})
    timestamp!: Date

    @IntColumn_({nullable: false})
    specVersion!: number

    @IntColumn_({nullable: false})
    eventCount!: number

    @IntColumn_({nullable: false})
    extrinsicCount!: number
}
