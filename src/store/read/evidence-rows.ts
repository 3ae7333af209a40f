/** Statements and row shapes of evidence. */

import type { Continuity, SignatureOutcomeName } from '../../registry/block-changes'
import { MAX_HOPS } from '../../verify/evidence'

/** Certificates of one identifier that are read; who renews more often than that has a beginning we do not tell. */
export const MAX_CERTIFICATES = 64

export type CertificateRow = {
  id: string
  autoId: string
  registrationId: string
  commonName: string
  issuerId: string | null
  serial: string
  der: Buffer | null
  rebuildProblem: string | null
  hasSignature: boolean
  notBefore: Date
  notAfter: Date
  publicKey: Buffer
  publicKeySha256: string
  publicKeyAlgorithm: string
  publicKeyBits: number | null
  signatureAlgorithmName: string
  signatureOutcome: SignatureOutcomeName
  parseProblem: string | null
  blockFrom: number
  fromTime: Date
  blockTo: number | null
  toTime: Date | null
  eventTo: string | null
  signerRegistrationId: string | null
  signerKeySha256: string | null
  /** The registration it belongs to. */
  ordinal: number
  registrationKeySha256: string
  continuity: Continuity
  continuityProof: string
  registeredBlock: number
  registeredTime: Date
  registeredEvent: string
  deactivatedBlock: number | null
  deactivatedTime: Date | null
  deactivatedEvent: string | null
  /** The element of the list that judges it; null when it is not listed by what is known. */
  listedReason: 'REVOKED' | 'SUPERSEDED' | null
  listedBlock: number | null
  listedTime: Date | null
  listedEvent: string | null
}

/**
 * Of the identifier $1 and its issuers, what was recorded up to block $2; certificate $3 however old it is. Each with
 * its registration, and with its element of a revocation list up to block $4.
 */
export const CERTIFICATES = `
  with recursive line (auto_id, depth) as (
    select $1::text, 1
    union
    select above.issuer_id, line.depth + 1
      from line
     cross join lateral (
       select c.issuer_id from certificate c
        where c.auto_id = line.auto_id and c.issuer_id is not null and c.block_from <= $2
        limit 1) above
     where line.depth < ${MAX_HOPS}
  ), wanted as (
    select recent.id
      from (select distinct auto_id from line) ids
     cross join lateral (
       select c.id from certificate c
        where c.auto_id = ids.auto_id and c.block_from <= $2
        order by c.block_from desc, c.id desc
        limit ${MAX_CERTIFICATES}) recent
    union
    select $3::text where $3 is not null
  )
  select c.id, c.auto_id, c.registration_id, c.common_name, c.issuer_id, c.serial, c.der, c.rebuild_problem,
         (c.signature is not null) as has_signature, c.not_before, c.not_after, c.public_key, c.public_key_sha256,
         c.public_key_algorithm, c.public_key_bits, c.signature_algorithm_name, c.signature_outcome, c.parse_problem,
         c.block_from, fb.timestamp as from_time, c.block_to, tb.timestamp as to_time, c.event_to,
         i.registration_id as signer_registration_id, i.public_key_sha256 as signer_key_sha256,
         r.ordinal, r.public_key_sha256 as registration_key_sha256, r.continuity, r.continuity_proof,
         r.block_from as registered_block, rb.timestamp as registered_time, r.event_from as registered_event,
         r.block_to as deactivated_block, db.timestamp as deactivated_time, r.event_to as deactivated_event,
         l.reason as listed_reason, l.block as listed_block, lb.timestamp as listed_time, l.event_id as listed_event
    from wanted w
    join certificate c on c.id = w.id
    join registration r on r.id = c.registration_id
    join block fb on fb.height = c.block_from
    join block rb on rb.height = r.block_from
    left join block tb on tb.height = c.block_to
    left join block db on db.height = r.block_to
    left join certificate i on i.id = c.issuer_certificate_id
    left join revocation l on l.issuer_id = coalesce(c.issuer_id, c.auto_id) and l.serial = c.serial and l.block <= $4
    left join block lb on lb.height = l.block
   order by c.id`
