import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, IntColumn as IntColumn_, DateTimeColumn as DateTimeColumn_, JSONColumn as JSONColumn_, BooleanColumn as BooleanColumn_} from "@subsquid/typeorm-store"

/**
 * A comparison of the index with the chain's own storage.
 */
@Entity_()
export class AuditRun {
    constructor(props?: Partial<AuditRun>) {
        Object.assign(this, props)
    }

    @PrimaryColumn_()
    id!: string

    @IntColumn_({nullable: false})
    block!: number

    @DateTimeColumn_({nullable: false})
    startedAt!: Date

    @DateTimeColumn_({nullable: false})
    finishedAt!: Date

    @IntColumn_({nullable: false})
    checked!: number

    @JSONColumn_({nullable: false})
    differences!: unknown

    /**
     * Every entry, or a sample.
     */
    @BooleanColumn_({nullable: false})
    complete!: boolean
}
