import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, StringColumn as StringColumn_} from "@subsquid/typeorm-store"

/**
 * An index of Postgres that only readers need, missing until an index that began empty has caught up with its chain.
 */
@Entity_()
export class PostponedIndex {
    constructor(props?: Partial<PostponedIndex>) {
        Object.assign(this, props)
    }

    /**
     * Its name.
     */
    @PrimaryColumn_()
    id!: string

    /**
     * The statement that makes it.
     */
    @StringColumn_({nullable: false})
    definition!: string
}
