/** Identities by their version: rows of which only the end ever changes, kept from batch to batch. */

import type { ClientBase } from 'pg'
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { Lru } from '../lru'
import { IssuerCertificate, unpackReading } from '../registry/issuer-certificate'
import type { LoadedIdentity } from '../registry/loaded-context'

/** An identity but for what is counted of it. */
export type KnownIdentity = Omit<LoadedIdentity, 'activeChildren' | 'listedSerials'>

/** Some 1 kB each; V8 takes twice that, for the garbage between two collections. */
const MAX_KEPT = 8_192
/** What certificates of issuers say, of those no longer kept: some 160 bytes each (300 at most), where reading them again takes longest. */
const MAX_READINGS = 131_072
/** Bytes of a certificate, its key and its name: what is longer is read each time. */
const MAX_LENGTH = 2048

/**
 * Of one connection that alone writes, or of one look at an index: an id can come back with other rows after a
 * reorganisation, of which readers are not told.
 */
export class KnownIdentities {
  private readonly readings = new Lru<string, string>(MAX_READINGS)
  private readonly kept = new Lru<string, KnownIdentity>(MAX_KEPT, ({ certificate }) => {
    const packed = certificate.asIssuer.packed()
    if (packed !== null) this.readings.set(certificate.id, packed)
  })

  /** @param versions ids of rows of `auto_id_version` */
  async read(client: ClientBase, versions: readonly string[]): Promise<readonly KnownIdentity[]> {
    const found: KnownIdentity[] = []
    const missing: string[] = []
    for (const id of versions) {
      const known = this.kept.get(id)
      if (known === undefined) missing.push(id)
      else found.push(known)
    }
    for (const row of await readRows(client, missing)) {
      const identity = toIdentity(row, this.readings.get(row.certificate_id))
      found.push(identity)
      if (lengthOf(row) <= MAX_LENGTH) this.kept.set(row.id, identity)
    }
    return found
  }
}

const ofConnections = new WeakMap<ClientBase, KnownIdentities>()

/** Those that a writing connection has read. */
export function identitiesOf(writer: ClientBase): KnownIdentities {
  let known = ofConnections.get(writer)
  if (known === undefined) {
    known = new KnownIdentities()
    ofConnections.set(writer, known)
  }
  return known
}

/** For whoever takes rows back: a reorganisation, a transaction that failed. */
export function forgetIdentities(writer: ClientBase): void {
  ofConnections.delete(writer)
}

type Row = {
  readonly id: string
  readonly auto_id: Hex
  readonly active: boolean
  readonly issuer_id: Hex | null
  readonly common_name: string
  readonly common_name_bytes: Buffer
  readonly serial: Hex
  readonly nonce: string
  readonly not_before: Date
  readonly not_after: Date
  readonly public_key_sha256: Hex
  readonly first_event_id: string
  readonly registration_id: string
  readonly ordinal: number
  readonly registration_key: Buffer
  readonly last_unproven: number
  readonly certificate_id: string
  readonly tbs: Buffer
  readonly certificate_key: Buffer
  readonly issuer_certificate_id: string | null
  readonly issuer_registration_id: string | null
  readonly issuer_key_sha256: Hex | null
}

const identityQuery = `
  select v.id, v.auto_id, v.active, v.issuer_id, v.common_name, v.common_name_bytes, v.serial, v.nonce,
    v.not_before, v.not_after, v.public_key_sha256, v.first_event_id,
    r.id as registration_id, r.ordinal, r.public_key as registration_key,
    coalesce((select max(u.ordinal) from registration u
      where u.auto_id = v.auto_id and u.continuity = 'UNPROVEN'), 0) as last_unproven,
    c.id as certificate_id, c.tbs, c.public_key as certificate_key, c.issuer_certificate_id,
    ic.registration_id as issuer_registration_id, ic.public_key_sha256 as issuer_key_sha256
  from unnest($1::text[]) as asked (id)
  join auto_id_version v on v.id = asked.id
  join registration r on r.id = v.registration_id
  join certificate c on c.id = v.certificate_id
  left join certificate ic on ic.id = c.issuer_certificate_id`

async function readRows(client: ClientBase, versions: readonly string[]): Promise<readonly Row[]> {
  if (versions.length === 0) return []
  const { rows } = await client.query<Row>({
    name: 'load_identities',
    text: identityQuery,
    values: [versions],
  })
  if (rows.length === versions.length) return rows
  const lost = versions.length - rows.length
  throw new AppError('UNAVAILABLE', `the index has lost rows of ${lost} identities`)
}

function lengthOf(row: Row): number {
  return row.tbs.length + row.registration_key.length + row.common_name_bytes.length
}

/** `reading`: of the certificate, packed, where it was read before. */
function toIdentity(row: Row, reading: string | undefined): KnownIdentity {
  const publicKey = new Uint8Array(row.certificate_key)
  return {
    autoId: row.auto_id,
    active: row.active,
    entry: {
      issuerId: row.issuer_id,
      serial: BigInt(row.serial),
      subjectCommonName: new Uint8Array(row.common_name_bytes),
      subjectPublicKeyInfo: publicKey,
      notBefore: row.not_before.getTime(),
      notAfter: row.not_after.getTime(),
      nonce: BigInt(row.nonce),
    },
    commonName: row.common_name,
    publicKeySha256: row.public_key_sha256,
    firstEventId: row.first_event_id,
    registration: {
      id: row.registration_id,
      ordinal: row.ordinal,
      publicKey: row.certificate_key.equals(row.registration_key)
        ? publicKey
        : new Uint8Array(row.registration_key),
      lastUnprovenOrdinal: row.last_unproven,
    },
    certificate: {
      id: row.certificate_id,
      asIssuer: new IssuerCertificate(
        new Uint8Array(row.tbs),
        reading === undefined ? undefined : unpackReading(reading),
      ),
      issuerCertificateId: row.issuer_certificate_id,
      issuerRegistrationOrdinal: ordinalIn(row.issuer_registration_id),
      issuerPublicKeySha256: row.issuer_key_sha256,
    },
  }
}

/** Of `<autoId>-<ordinal>`. */
function ordinalIn(registrationId: string | null): number | null {
  return registrationId === null
    ? null
    : Number(registrationId.slice(registrationId.lastIndexOf('-') + 1))
}
