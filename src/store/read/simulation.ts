/** What a pre-flight looks at: the registry as the call would find it, and everybody it could touch. */

import type { ClientBase } from 'pg'
import type { Hex } from '../../bytes'
import { viewOf } from '../../registry/loaded-context'
import type { RegistryCall, RegistryView } from '../../registry/types'
import { neededByCall } from '../../registry/working-set'
import type { Family, FamilyMember } from '../../verify/blast-radius'
import { MAX_HOPS } from '../../verify/evidence'
import { loadContext } from '../load'
import { type Db, readRows } from './sql'

/** Identities below that are judged; an issuer with more gets a part, and is told so. */
export const MAX_BELOW = 10_000

/** The registry at the index head, as far as this call looks at it. */
export async function readCallView(db: Db, call: RegistryCall): Promise<RegistryView> {
  const loaded = await loadContext(db as ClientBase, neededByCall(call))
  return viewOf(loaded)
}

type Row = Omit<FamilyMember, 'notBeforeMs' | 'notAfterMs'> & {
  readonly notBefore: Date
  readonly notAfter: Date
  /** There are more below; the same in every row. */
  readonly isCut: boolean
}

/** Children are looked up issuer by issuer, and no more than are judged: never by reading all identities there are. */
const FAMILY = `
  with recursive up (auto_id, depth) as (
    select unnest($1::text[]), 1
    union
    select v.issuer_id, up.depth + 1
      from up join auto_id_version v on v.auto_id = up.auto_id and v.block_to is null
     where v.issuer_id is not null and up.depth < ${MAX_HOPS}
  ), down (auto_id) as (
    select unnest($1::text[])
    union
    select child.auto_id
      from down cross join lateral (
        select v.auto_id from auto_id_version v
         where v.issuer_id = down.auto_id and v.block_to is null and v.active
         limit ${MAX_BELOW + 1}) child
  ), below as (select auto_id from down limit ${MAX_BELOW + 1}),
  family as (select auto_id from up union select auto_id from below)
  select v.auto_id, v.issuer_id, v.serial, v.not_before, v.not_after, v.public_key_sha256,
         i.public_key_sha256 as signer_key_sha256, (c.signature_outcome = 'GOOD') as is_signature_good,
         exists (select 1 from revocation r
                  where r.issuer_id = coalesce(v.issuer_id, v.auto_id) and r.serial = v.serial) as is_revoked,
         (select count(*) from below) > ${MAX_BELOW} as is_cut
    from family f
    join auto_id_version v on v.auto_id = f.auto_id and v.block_to is null and v.active
    join certificate c on c.id = v.certificate_id
    left join certificate i on i.id = c.issuer_certificate_id`

/** Entries at the index head of the ids, of their issuers and of all below them. */
export async function readFamily(db: Db, ids: readonly Hex[]): Promise<Family> {
  const rows = await readRows<Row>(db, FAMILY, [ids])
  return {
    members: rows.map(({ notBefore, notAfter, isCut: _, ...row }) => ({
      ...row,
      notBeforeMs: notBefore.getTime(),
      notAfterMs: notAfter.getTime(),
    })),
    isPartial: rows[0]?.isCut ?? false,
  }
}
