/** Registrations and the issuers' lists. */

import { type Queryable, rowsOf } from './queryable'
import { raw, sql } from './statement'

export type RegistrationRow = {
  readonly id: string
  readonly autoId: string
  readonly ordinal: number
  readonly blockFrom: number
  readonly eventFrom: string
  readonly blockTo: number | null
  readonly eventTo: string | null
  readonly publicKey: Buffer
  readonly publicKeySha256: string
  readonly publicKeyAlgorithm: string
  readonly publicKeyBits: number | null
  readonly continuity: 'FIRST' | 'SAME_KEY' | 'ISSUER_ATTESTED' | 'UNPROVEN'
  readonly continuityProof: string
}

export type RevocationRow = {
  readonly issuerId: string
  readonly serial: string
  readonly block: number
  readonly reason: 'REVOKED' | 'SUPERSEDED'
  readonly eventId: string | null
  readonly certificateId: string | null
}

const registrationColumns =
  raw(`g.id, g.auto_id as "autoId", g.ordinal, g.block_from as "blockFrom",
  g.event_from as "eventFrom", g.block_to as "blockTo", g.event_to as "eventTo", g.public_key as "publicKey",
  g.public_key_sha256 as "publicKeySha256", g.public_key_algorithm as "publicKeyAlgorithm",
  g.public_key_bits as "publicKeyBits", g.continuity, g.continuity_proof as "continuityProof"`)

const revocationColumns = raw(`r.issuer_id as "issuerId", r.serial, r.block, r.reason,
  r.event_id as "eventId", r.certificate_id as "certificateId"`)

export function registrationReaders(db: Queryable) {
  const from = sql`select ${registrationColumns} from registration g`
  return {
    byIds: (ids: readonly string[]) =>
      rowsOf<RegistrationRow>(db, sql`${from} where g.id = any(${ids}::text[])`),
    byAutoIds: (ids: readonly string[]) =>
      rowsOf<RegistrationRow>(
        db,
        sql`${from} where g.auto_id = any(${ids}::text[]) order by g.auto_id, g.ordinal`,
      ),
  }
}

type Key = { readonly issuerId: string; readonly serial: string }

export function revocationReaders(db: Queryable) {
  return {
    byIssuerSerials: (keys: readonly Key[]) =>
      rowsOf<RevocationRow>(
        db,
        sql`select ${revocationColumns}
              from unnest(${keys.map((key) => key.issuerId)}::text[], ${keys.map((key) => key.serial)}::text[])
                   as k (issuer, serial)
              join revocation r on r.issuer_id = k.issuer and r.serial = k.serial`,
      ),
    list: (issuerId: string, upTo: number, limit: number) =>
      rowsOf<RevocationRow>(
        db,
        sql`select ${revocationColumns} from revocation r
             where r.issuer_id = ${issuerId} and r.block <= ${upTo}
             order by r.block, r.event_id, r.id limit ${limit}`,
      ),
    isKnownIssuer: async (issuerId: string, upTo: number): Promise<boolean> => {
      const rows = await rowsOf<{ known: boolean }>(
        db,
        sql`select exists (select from registration g where g.auto_id = ${issuerId} and g.block_from <= ${upTo})
                   as known`,
      )
      return rows[0]?.known === true
    },
  }
}
