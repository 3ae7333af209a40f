import {Entity as Entity_, Column as Column_, PrimaryColumn as PrimaryColumn_, Index as Index_, StringColumn as StringColumn_, IntColumn as IntColumn_, BooleanColumn as BooleanColumn_, BytesColumn as BytesColumn_, BigIntColumn as BigIntColumn_, DateTimeColumn as DateTimeColumn_} from "@subsquid/typeorm-store"
import {AutoIdKind} from "./_autoIdKind"

/**
 * An identifier's state in the registry over an interval of blocks (state after the block). A deactivated identifier has a row with `active` false that keeps its last certificate.
 */
@Index_(["autoId", "blockFrom"], {unique: true})
@Index_(["publicKeySha256", "autoId"], {unique: false})
@Entity_()
export class AutoIdVersion {
    constructor(props?: Partial<AutoIdVersion>) {
        Object.assign(this, props)
    }

    /**
     * `<blockFrom, 10 digits>-<number within the block, 6 digits>`: rows follow each other in its index.
     */
    @PrimaryColumn_()
    id!: string

    @StringColumn_({nullable: false})
    autoId!: string

    @Index_()
    @IntColumn_({nullable: false})
    blockFrom!: number

    @IntColumn_({nullable: true})
    blockTo!: number | undefined | null

    /**
     * Does the registry hold an entry?
     */
    @BooleanColumn_({nullable: false})
    active!: boolean

    @Column_("varchar", {length: 4, nullable: false})
    kind!: AutoIdKind

    /**
     * Null for a root.
     */
    @StringColumn_({nullable: true})
    issuerId!: string | undefined | null

    /**
     * Raw value bytes of the first subject CN, and the same as text with replacement characters (NUL removed: Postgres text cannot hold it).
     */
    @BytesColumn_({nullable: false})
    commonNameBytes!: Uint8Array

    @StringColumn_({nullable: false})
    commonName!: string

    @StringColumn_({nullable: false})
    serial!: string

    @BigIntColumn_({nullable: false})
    nonce!: bigint

    @StringColumn_({nullable: false})
    publicKeySha256!: string

    @DateTimeColumn_({nullable: false})
    notBefore!: Date

    @Index_()
    @DateTimeColumn_({nullable: false})
    notAfter!: Date

    /**
     * Registration and certificate in force (the last ones when not active).
     */
    @StringColumn_({nullable: false})
    registrationId!: string

    @StringColumn_({nullable: false})
    certificateId!: string

    /**
     * Event that made the very first registration of this identifier: the stable order key of lists.
     */
    @StringColumn_({nullable: false})
    firstEventId!: string
}
