import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, Index as Index_, IntColumn as IntColumn_, StringColumn as StringColumn_, JSONColumn as JSONColumn_} from "@subsquid/typeorm-store"
import {Severity} from "./_severity"

/**
 * What the chain let pass at an operation and a relying party should know.
 */
@Index_(["autoId", "id"], {unique: false})
@Entity_()
export class Advisory {
    constructor(props?: Partial<Advisory>) {
        Object.assign(this, props)
    }

    /**
     * `<event id>-<code>`, with `-<n>` when one event gives the same code more than once.
     */
    @PrimaryColumn_()
    id!: string

    @Index_()
    @IntColumn_({nullable: false})
    block!: number

    @StringColumn_({nullable: false})
    eventId!: string

    @StringColumn_({nullable: false})
    autoId!: string

    @StringColumn_({nullable: true})
    certificateId!: string | undefined | null

    @Index_()
    @StringColumn_({nullable: false})
    code!: string

    @Column_("varchar", {length: 8, nullable: false})
    severity!: Severity

    @JSONColumn_({nullable: false})
    facts!: unknown
}
