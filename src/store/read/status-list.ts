/** Every certificate in chain order (ids are event ids, so text order is chain order), by its number. */
import { IS_SIGNER_GONE, SIGNER } from './signer'
import type { Db } from './sql'

/** Most certificates that one question counts or passes over, but for those of blocks that are not final. */
const STEP = 8_192

/** The certificate so many after one, if nothing up to it can change any more. */
const NEXT_MILESTONE = `
  select c.id from index_status s,
    (select id from certificate where id >= $1 order by id offset $2 limit 1) c
   where left(c.id, 10)::int <= s.finalized_height`

const PAGE = `
  select (c.block_to is not null or r.id is not null or ${IS_SIGNER_GONE}) as invalid,
         (select hash from index_status where id = 'status') as head_hash
    from (select id from certificate where id >= $1 order by id offset $2 limit $3) page
    join certificate c on c.id = page.id ${SIGNER}
    left join revocation r on r.issuer_id = coalesce(c.issuer_id, c.auto_id) and r.serial = c.serial
   order by c.id`

/**
 * Of one index. A number is counted from the nearest milestone before it: counting from the first certificate takes longer
 * the more there are.
 */
export class CertificateOrder {
  /** Ids of certificates number `step`, `2 * step` and so on, of final blocks only; the first one stands before all. */
  private readonly milestones: string[] = ['']
  private extending: Promise<boolean> | null = null

  constructor(private readonly step = STEP) {}

  /** Certificates before this one. */
  async indexOf(db: Db, certificateId: string): Promise<number> {
    await this.extendUntil(db, () => certificateId < this.last)
    const passed = this.passedBefore(certificateId)
    const { rows } = await db.query<{ count: string }>(
      'select count(*) from certificate where id >= $1 and id < $2',
      [this.milestones[passed], certificateId],
    )
    return passed * this.step + Number(rows[0]?.count ?? 0)
  }

  /** For each of `count` certificates from number `first` on: is it anything but good, as OCSP has it? With the head they are of. */
  async page(db: Db, first: number, count: number) {
    const wanted = Math.floor(first / this.step)
    await this.extendUntil(db, () => this.milestones.length > wanted)
    const passed = Math.min(wanted, this.milestones.length - 1)
    const { rows } = await db.query<{ invalid: boolean; head_hash: string }>(PAGE, [
      this.milestones[passed],
      first - passed * this.step,
      count,
    ])
    return { invalid: rows.map((row) => row.invalid), headHash: rows[0]?.head_hash ?? null }
  }

  private get last(): string {
    return this.milestones.at(-1) ?? ''
  }

  /** The last milestone that is not after this certificate. */
  private passedBefore(certificateId: string): number {
    let [low, high] = [0, this.milestones.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.milestones[middle] ?? '') <= certificateId) low = middle
      else high = middle
    }
    return low
  }

  /** Or until there is no further one. */
  private async extendUntil(db: Db, isFar: () => boolean): Promise<void> {
    while (!isFar() && (await this.extend(db))) {}
  }

  /** One at a time, whoever asks. */
  private extend(db: Db): Promise<boolean> {
    this.extending ??= this.findNext(db).finally(() => {
      this.extending = null
    })
    return this.extending
  }

  private async findNext(db: Db): Promise<boolean> {
    const { rows } = await db.query<{ id: string }>(NEXT_MILESTONE, [this.last, this.step])
    const next = rows[0]?.id
    if (next !== undefined) this.milestones.push(next)
    return next !== undefined
  }
}
