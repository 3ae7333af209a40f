import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, IntColumn as IntColumn_, DateTimeColumn as DateTimeColumn_, JSONColumn as JSONColumn_, StringColumn as StringColumn_, BooleanColumn as BooleanColumn_} from "@subsquid/typeorm-store"

/**
 * A comparison of the index with the chain's own storage, or an attempt at one.
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

    /**
     * Null where it could not be run: what was not compared has no empty list.
     */
    @JSONColumn_({nullable: true})
    differences!: unknown | undefined | null

    /**
     * Why it could not be run; null where it was.
     */
    @StringColumn_({nullable: true})
    failure!: string | undefined | null

    /**
     * Every entry, or a sample.
     */
    @BooleanColumn_({nullable: false})
    complete!: boolean
}
