import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, IntColumn as IntColumn_, StringColumn as StringColumn_, DateTimeColumn as DateTimeColumn_} from "@subsquid/typeorm-store"

/**
 * Where the index stands. One row, id `status`.
 */
@Entity_()
export class IndexStatus {
    constructor(props?: Partial<IndexStatus>) {
        Object.assign(this, props)
    }

    @PrimaryColumn_()
    id!: string

    /**
     * Highest indexed block.
     */
    @IntColumn_({nullable: false})
    height!: number

    @StringColumn_({nullable: false})
    hash!: string

    /**
     * Highest block known final; every indexed block up to it is final.
     */
    @IntColumn_({nullable: false})
    finalizedHeight!: number

    @StringColumn_({nullable: false})
    finalizedHash!: string

    /**
     * The node's best block when it last answered.
     */
    @IntColumn_({nullable: true})
    nodeHeight!: number | undefined | null

    @StringColumn_({nullable: true})
    nodeHash!: string | undefined | null

    /**
     * When the node last confirmed that our head is on its chain.
     */
    @DateTimeColumn_({nullable: true})
    confirmedAt!: Date | undefined | null

    /**
     * The last ingestion failure that is still being retried; null when all is well.
     */
    @StringColumn_({nullable: true})
    error!: string | undefined | null

    @DateTimeColumn_({nullable: true})
    errorAt!: Date | undefined | null

    /**
     * Reorganisations followed so far, and the deepest one, in blocks.
     */
    @IntColumn_({nullable: false})
    reorgCount!: number

    @IntColumn_({nullable: false})
    deepestReorg!: number
}
