/** Certificates, registrations and revocations. */

import type { AtHeight } from './identities'
import { type KeysetOrder, listReader } from './list'
import { type Queryable, rowsOf } from './queryable'
import { raw, type Sql, sql } from './statement'

export type CertificateRow = {
  readonly id: string
  readonly autoId: string
  readonly registrationId: string
  readonly issuerId: string | null
  readonly issuerCertificateId: string | null
  readonly serial: string
  readonly tbs: Buffer
  readonly der: Buffer | null
  readonly rebuildProblem: string | null
  readonly fingerprint: string | null
  readonly tbsFingerprint: string
  readonly subject: string
  readonly issuerName: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: Buffer
  readonly publicKeySha256: string
  readonly publicKeyAlgorithm: string
  readonly publicKeyBits: number | null
  readonly signatureAlgorithmName: string
  readonly signatureOutcome: 'GOOD' | 'BAD' | 'UNSUPPORTED' | 'UNAVAILABLE'
  readonly extensions:
    | readonly {
        readonly oid: string
        readonly name: string | null
        readonly critical: boolean
        readonly value: string | null
        readonly hex: string
      }[]
    | null
  readonly parseProblem: string | null
  readonly sanAutoId: string | null
  readonly blockFrom: number
  readonly blockTo: number | null
  readonly eventTo: string | null
}

export type CertificateFilter = AtHeight & {
  readonly autoId?: string | null
  readonly issuerId?: string | null
  readonly serial?: string | null
  readonly publicKeySha256?: string | null
  readonly publicKeyAlgorithm?: string | null
  readonly signatureAlgorithm?: string | null
  readonly inForce?: boolean | null
  readonly revoked?: boolean | null
  readonly expiresBefore?: Date | null
  readonly expiresAfter?: Date | null
  readonly fromBlock?: number | null
  readonly toBlock?: number | null
}

const columns = raw(`c.id, c.auto_id as "autoId", c.registration_id as "registrationId",
  c.issuer_id as "issuerId", c.issuer_certificate_id as "issuerCertificateId", c.serial, c.tbs, c.der,
  c.rebuild_problem as "rebuildProblem", c.fingerprint, c.tbs_fingerprint as "tbsFingerprint", c.subject,
  c.issuer_name as "issuerName", c.not_before as "notBefore", c.not_after as "notAfter",
  c.public_key as "publicKey", c.public_key_sha256 as "publicKeySha256",
  c.public_key_algorithm as "publicKeyAlgorithm", c.public_key_bits as "publicKeyBits",
  c.signature_algorithm_name as "signatureAlgorithmName", c.signature_outcome as "signatureOutcome",
  c.extensions, c.parse_problem as "parseProblem", c.san_auto_id as "sanAutoId",
  c.block_from as "blockFrom", c.block_to as "blockTo", c.event_to as "eventTo"`)

/** Identities that one look-up by fingerprint or serial may find. */
const MAX_SAME = 1_000

/**
 * Of each identity the one in force at that height, else the last one by then; newest first. The same certificate may be
 * registered again any number of times, and must not hide by it what another identity has.
 */
function oneOfEach(ids: Sql, height: number): Sql {
  return sql`c.id in (select distinct on (s.auto_id, s.tbs_fingerprint) s.id from certificate s
      where s.id in (${ids}) and s.block_from <= ${height}
      order by s.auto_id, s.tbs_fingerprint, (s.block_to is null or s.block_to > ${height}) desc, s.id desc)
    order by c.id desc limit ${MAX_SAME}`
}

export function certificateReaders(db: Queryable) {
  const select = (condition: Sql) =>
    rowsOf<CertificateRow>(db, sql`select ${columns} from certificate c where ${condition}`)
  return {
    ...listReader<CertificateRow, CertificateFilter, keyof typeof orders>(db, {
      columns,
      from: () => raw('certificate c'),
      where: conditions,
      parent: raw('c.auto_id'),
      orders,
    }),
    byIds: (ids: readonly string[]) => select(sql`c.id = any(${ids}::text[])`),
    byRegistrations: (ids: readonly string[]) =>
      // By identifier: an index of registrations would only repeat that one.
      select(sql`c.auto_id in (select auto_id from registration where id = any(${ids}::text[]))
        and c.registration_id = any(${ids}::text[]) order by c.id`),
    byFingerprints: (fingerprints: readonly string[], height: number) =>
      select(
        oneOfEach(
          sql`select id from certificate where fingerprint = any(${fingerprints}::text[])
            union select id from certificate where tbs_fingerprint = any(${fingerprints}::text[])`,
          height,
        ),
      ),
    byIssuerSerial: (issuerId: string, serial: string, height: number) =>
      select(
        oneOfEach(
          sql`select id from certificate where issuer_id = ${issuerId} and serial = ${serial}
            union all
            select id from certificate where auto_id = ${issuerId} and issuer_id is null and serial = ${serial}`,
          height,
        ),
      ),
  }
}

function order(column: string, type: 'text' | 'time', descending: boolean): KeysetOrder {
  const id = { sql: raw('c.id'), type: 'text' as const }
  return { columns: column === 'c.id' ? [id] : [{ sql: raw(column), type }, id], descending }
}

const orders = {
  REGISTERED_AT_ASC: order('c.id', 'text', false),
  REGISTERED_AT_DESC: order('c.id', 'text', true),
  EXPIRES_AT_ASC: order('c.not_after', 'time', false),
  EXPIRES_AT_DESC: order('c.not_after', 'time', true),
}

function conditions(filter: CertificateFilter): (Sql | null)[] {
  return [
    filter.isHead ? null : sql`c.block_from <= ${filter.height}`,
    filter.autoId == null ? null : sql`c.auto_id = ${filter.autoId}`,
    filter.issuerId == null ? null : sql`c.issuer_id = ${filter.issuerId}`,
    filter.serial == null ? null : sql`c.serial = ${filter.serial}`,
    filter.publicKeySha256 == null ? null : sql`c.public_key_sha256 = ${filter.publicKeySha256}`,
    filter.publicKeyAlgorithm == null
      ? null
      : sql`c.public_key_algorithm = ${filter.publicKeyAlgorithm}`,
    filter.signatureAlgorithm == null
      ? null
      : sql`c.signature_algorithm_name = ${filter.signatureAlgorithm}`,
    filter.inForce == null ? null : sql`(c.block_to is null) = ${filter.inForce}`,
    filter.revoked == null ? null : revokedCondition(filter.revoked, filter.height),
    filter.expiresBefore == null ? null : sql`c.not_after < ${filter.expiresBefore}`,
    filter.expiresAfter == null ? null : sql`c.not_after >= ${filter.expiresAfter}`,
    filter.fromBlock == null ? null : sql`c.block_from >= ${filter.fromBlock}`,
    filter.toBlock == null ? null : sql`c.block_from <= ${filter.toBlock}`,
  ]
}

function revokedCondition(revoked: boolean, height: number): Sql {
  return sql`exists (select from revocation r where r.issuer_id = coalesce(c.issuer_id, c.auto_id)
    and r.serial = c.serial and r.block <= ${height}) = ${revoked}`
}
