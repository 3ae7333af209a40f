/** Every question that clients and relying parties put to the index, by name, about one identity of it. */

import type pg from 'pg'
import { expect } from 'vitest'
import { onlyText } from '../../src/api/search-terms'
import type { Hex } from '../../src/bytes'
import type { registryReaders } from '../../src/store/read/readers'
import type { relyingPartyReaders } from '../../src/store/read/relying-party-readers'

export type Sample = {
  autoId: Hex
  issuerId: Hex
  serial: Hex
  name: string
  key: Hex
  certificateId: string
  registrationId: string
  eventId: string
  fingerprint: Hex
  extrinsicHash: Hex
  signer: Hex
  height: number
  hash: Hex
  time: Date
  head: number
}

/** An identity in force below another one, where and when it was registered, and the head. */
export async function sampleOf(client: pg.Client): Promise<Sample> {
  const { rows } = await client.query<Sample>(
    `select v.auto_id as "autoId", v.issuer_id as "issuerId", v.serial, v.common_name as name,
            v.public_key_sha256 as key, v.certificate_id as "certificateId", v.registration_id as "registrationId",
            v.first_event_id as "eventId", c.fingerprint, e.extrinsic_hash as "extrinsicHash", e.signer,
            b.height, b.id as hash, b.timestamp as time, (select max(height) from block) as head
       from auto_id_version v join certificate c on c.id = v.certificate_id
       join registry_event e on e.id = v.first_event_id join block b on b.height = v.block_from
      where v.block_to is null and v.active and v.issuer_id is not null order by md5(v.auto_id) limit 1`,
  )
  if (rows[0] === undefined) throw new Error('an empty index')
  return rows[0]
}

type Readers = ReturnType<typeof registryReaders>
type Question = (read: Readers, s: Sample) => Promise<unknown>

const page = <Order extends string>(order: Order) =>
  ({ order, limit: 20, backward: false, cursor: null }) as const
const atHead = ({ head }: Sample) => ({ height: head, isHead: true })
const atPast = ({ height }: Sample) => ({ height, isHead: false })
const upTo = ({ head }: Sample) => ({ upTo: head })
const identityFilter = (s: Sample) => ({ ...atHead(s), clock: s.time })
const point = ({ height, hash, time }: Sample) => ({
  height,
  hash,
  timeMs: time.getTime(),
  isFinal: true,
})
export const evidenceMoment = (s: Sample) => ({
  state: point(s),
  clockMs: s.time.getTime(),
  knownAt: point(s),
})
const noTerms = onlyText('')

export const clientQuestions: Readonly<Record<string, Question>> = {
  'blocks by height': (read, s) => read.blocks.byHeights([s.height]),
  'blocks by hash': (read, s) => read.blocks.byHashes([s.hash]),
  'the block at a time': (read, s) => read.blocks.lastNotLater(s.time),
  'identities by id': (read, s) => read.identities.byIds([s.autoId], atHead(s)),
  'identities by id, then': (read, s) => read.identities.byIds([s.autoId], atPast(s)),
  'ancestors of an identity': (read, s) => read.identities.ancestors(s.autoId, atHead(s), 64),
  'ancestors of an identity, then': (read, s) => read.identities.ancestors(s.autoId, atPast(s), 64),
  'a page of identities': (read, s) =>
    read.identities.page([null], identityFilter(s), page('REGISTERED_AT_ASC')),
  'a page of identities by expiry': (read, s) =>
    read.identities.page([null], identityFilter(s), page('EXPIRES_AT_ASC')),
  'a page of identities by change': (read, s) =>
    read.identities.page([null], identityFilter(s), page('CHANGED_AT_DESC')),
  'what an issuer issued': (read, s) =>
    read.identities.page([s.issuerId], identityFilter(s), page('REGISTERED_AT_ASC')),
  'what an issuer issued, then': (read, s) =>
    read.identities.page(
      [s.issuerId],
      { ...identityFilter(s), ...atPast(s) },
      page('REGISTERED_AT_ASC'),
    ),
  'identities of a key': (read, s) =>
    read.identities.page(
      [null],
      { ...identityFilter(s), publicKeySha256: s.key },
      page('REGISTERED_AT_ASC'),
    ),
  'identities of a name': (read, s) =>
    read.identities.page(
      [null],
      { ...identityFilter(s), commonNameContains: s.name },
      page('REGISTERED_AT_ASC'),
    ),
  'certificates by id': (read, s) => read.certificates.byIds([s.certificateId]),
  'certificates of registrations': (read, s) =>
    read.certificates.byRegistrations([s.registrationId]),
  'anchors of a proof': (read, s) =>
    read.remarks.page(
      [null],
      { upTo: s.height, remark: s.hash },
      { order: 'OLDEST_FIRST', limit: 1, backward: false, cursor: null },
    ),
  'certificates by fingerprint': (read, s) =>
    read.certificates.byFingerprints([s.fingerprint], s.height),
  'certificates by issuer and serial': (read, s) =>
    read.certificates.byIssuerSerial(s.issuerId, s.serial, s.height),
  'a page of certificates': (read, s) =>
    read.certificates.page([null], atHead(s), page('REGISTERED_AT_DESC')),
  'a page of certificates by expiry': (read, s) =>
    read.certificates.page([null], atHead(s), page('EXPIRES_AT_ASC')),
  'certificates of an identity': (read, s) =>
    read.certificates.page([s.autoId], atHead(s), page('REGISTERED_AT_DESC')),
  'registrations by id': (read, s) => read.registrations.byIds([s.registrationId]),
  'registrations of identities': (read, s) => read.registrations.byAutoIds([s.autoId]),
  'revocations by issuer and serial': (read, s) => read.revocations.byIssuerSerials([s]),
  'the list of an issuer': (read, s) => read.revocations.list(s.issuerId, s.head, 1_000),
  'is it an issuer': (read, s) => read.revocations.isKnownIssuer(s.issuerId, s.head),
  'events by id': (read, s) => read.events.byIds([s.eventId]),
  'a page of events': (read, s) => read.events.page([null], upTo(s), page('NEWEST_FIRST')),
  'events of an identity': (read, s) => read.events.page([s.autoId], upTo(s), page('OLDEST_FIRST')),
  'events of an issuer': (read, s) =>
    read.events.page([null], { ...upTo(s), issuerId: s.issuerId }, page('OLDEST_FIRST')),
  'events of an account': (read, s) =>
    read.events.page([null], { ...upTo(s), signer: s.signer }, page('NEWEST_FIRST')),
  'events of an extrinsic': (read, s) =>
    read.events.page([null], { ...upTo(s), extrinsicHash: s.extrinsicHash }, page('OLDEST_FIRST')),
  'events since a time': (read, s) =>
    read.events.page([null], { ...upTo(s), fromTime: s.time }, page('OLDEST_FIRST')),
  'a page of findings': (read, s) => read.findings.page([null], upTo(s), page('NEWEST_FIRST')),
  'findings of identities': (read, s) => read.findings.byAutoIds([s.autoId]),
  'findings of certificates': (read, s) => read.findings.byCertificates([s.certificateId]),
  'when the chain began': (read) => read.statistics.chainBegin(),
  'figures of one issuer': (read, s) => read.statistics.issuer(s.issuerId, atHead(s), s.time),
  'search by id, hash or fingerprint': (read, s) =>
    read.search({ ...noTerms, hash: s.autoId, fingerprints: [s.fingerprint] }, 20),
  'search by the begin of an id': (read, s) =>
    read.search({ ...noTerms, hashPrefix: s.autoId.slice(0, 12) }, 20),
  'search by serial': (read, s) => read.search({ ...noTerms, serials: [s.serial] }, 20),
  'search by name': (read, s) => read.search({ ...noTerms, text: s.name }, 20),
  'search by the begin of a name': (read, s) =>
    read.search({ ...noTerms, text: s.name.slice(0, 5) }, 20),
  'search by the middle of a name': (read, s) =>
    read.search({ ...noTerms, text: s.name.slice(3) }, 20),
  'search by height': (read, s) => read.search({ ...noTerms, height: s.height }, 20),
  'search by account': (read, s) => read.search({ ...noTerms, account: s.signer }, 20),
  'evidence of an identity': (read, s) =>
    read.evidence(evidenceMoment(s), { autoId: s.autoId } as never),
  'evidence of an identity, and what followed': (read, s) =>
    read.evidence(
      { ...evidenceMoment(s), state: { ...point(s), height: s.height - 1 }, knownAt: point(s) },
      { autoId: s.issuerId } as never,
    ),
  'evidence of a certificate': (read, s) =>
    read.evidence(evidenceMoment(s), {
      autoId: s.autoId,
      certificateId: s.certificateId,
    } as never),
  'the call of a certificate': (read, s) => read.certificateCall(s.autoId, s.head),
}

type RelyingParty = ReturnType<typeof relyingPartyReaders>
export const relyingPartyQuestions: Readonly<
  Record<string, (read: RelyingParty, s: Sample) => Promise<unknown>>
> = {
  'the head': (read) => read.readHead(),
  'certificates of OCSP requests': (read, s) => read.findIssued([s.serial]),
  'a path now': (read, s) => read.readPath(s.autoId, null),
  'a path at a block': (read, s) => read.readPath(s.autoId, { block: s.height }),
  'a path at a time': (read, s) => read.readPath(s.autoId, { timeMs: s.time.getTime() }),
  'the version of a CRL': (read, s) => read.readCrlVersion(s.issuerId),
  'the entries of a CRL': (read, s) =>
    read.withCrl(s.issuerId, async ({ rows }) => {
      for await (const batch of rows()) expect(batch.length).toBeGreaterThan(0)
    }),
  'a page of the status list': (read) => read.readStatusListPage(2_000, 100),
}
