import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, StringColumn as StringColumn_, IntColumn as IntColumn_} from "@subsquid/typeorm-store"

/**
 * Which chain this index follows. One row, id `chain`; written once, checked at every start.
 */
@Entity_()
export class ChainInfo {
    constructor(props?: Partial<ChainInfo>) {
        Object.assign(this, props)
    }

    @PrimaryColumn_()
    id!: string

    @StringColumn_({nullable: false})
    genesisHash!: string

    @StringColumn_({nullable: false})
    specName!: string

    @IntColumn_({nullable: false})
    ss58Prefix!: number

    @StringColumn_({nullable: false})
    tokenSymbol!: string

    @IntColumn_({nullable: false})
    tokenDecimals!: number
}
