/** Certificates and registrations of identities: rows of which only the end ever changes, kept from batch to batch. */

import type { ClientBase } from 'pg'
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { Lru } from '../lru'
import { IssuerCertificate } from '../registry/issuer-certificate'
import type { LoadedIdentity } from '../registry/loaded-context'

export type IdentityContent = Pick<LoadedIdentity, 'registration' | 'certificate'> & {
  /** SubjectPublicKeyInfo of the certificate. */
  readonly publicKey: Uint8Array
}

type Names = { readonly registration_id: string; readonly certificate_id: string }

/** Some 1 kB each; V8 takes twice that, for the garbage between two collections. */
const MAX_KEPT = 16_384
/** Bytes of a certificate and its key: what is longer is read each time. */
const MAX_LENGTH = 4096

/**
 * Of one connection that alone writes, or of one look at an index: an event's id can come back with another certificate
 * after a reorganisation, of which readers are not told.
 */
export class IdentityContents {
  private readonly kept = new Lru<string, IdentityContent>(MAX_KEPT)
  /** Of the last `read`. */
  private current = new Map<string, IdentityContent>()

  /** Afterwards `of` knows each of them. */
  async read(client: ClientBase, identities: readonly Names[]): Promise<void> {
    this.current = new Map()
    const missing: Names[] = []
    for (const names of identities) {
      const known = this.kept.get(keyOf(names))
      if (known === undefined) missing.push(names)
      else this.current.set(keyOf(names), known)
    }
    for (const row of await readContents(client, missing)) {
      const content = toContent(row)
      this.current.set(keyOf(row), content)
      if (row.tbs.length + row.registration_key.length <= MAX_LENGTH)
        this.kept.set(keyOf(row), content)
    }
  }

  of(names: Names): IdentityContent {
    const content = this.current.get(keyOf(names))
    if (content === undefined) {
      throw new AppError('UNAVAILABLE', `the index has lost rows of ${names.registration_id}`)
    }
    return content
  }
}

const ofConnections = new WeakMap<ClientBase, IdentityContents>()

/** Those that a writing connection has read. */
export function contentsOf(writer: ClientBase): IdentityContents {
  let contents = ofConnections.get(writer)
  if (contents === undefined) {
    contents = new IdentityContents()
    ofConnections.set(writer, contents)
  }
  return contents
}

/** For whoever takes rows back: a reorganisation, a transaction that failed. */
export function forgetContents(writer: ClientBase): void {
  ofConnections.delete(writer)
}

function keyOf({ registration_id, certificate_id }: Names): string {
  return `${registration_id} ${certificate_id}`
}

type ContentRow = Names & {
  readonly ordinal: number
  readonly registration_key: Buffer
  readonly last_unproven: number
  readonly tbs: Buffer
  readonly certificate_key: Buffer
  readonly issuer_certificate_id: string | null
  readonly issuer_registration_id: string | null
  readonly issuer_key_sha256: Hex | null
}

const contentQuery = `
  select r.id as registration_id, r.ordinal, r.public_key as registration_key,
    coalesce((select max(u.ordinal) from registration u
      where u.auto_id = r.auto_id and u.continuity = 'UNPROVEN'), 0) as last_unproven,
    c.id as certificate_id, c.tbs, c.public_key as certificate_key, c.issuer_certificate_id,
    ic.registration_id as issuer_registration_id, ic.public_key_sha256 as issuer_key_sha256
  from unnest($1::text[], $2::text[]) as asked (registration_id, certificate_id)
  join registration r on r.id = asked.registration_id
  join certificate c on c.id = asked.certificate_id
  left join certificate ic on ic.id = c.issuer_certificate_id`

async function readContents(
  client: ClientBase,
  missing: readonly Names[],
): Promise<readonly ContentRow[]> {
  if (missing.length === 0) return []
  const { rows } = await client.query<ContentRow>({
    name: 'load_contents',
    text: contentQuery,
    values: [
      missing.map(({ registration_id }) => registration_id),
      missing.map(({ certificate_id }) => certificate_id),
    ],
  })
  return rows
}

function toContent(row: ContentRow): IdentityContent {
  const publicKey = new Uint8Array(row.certificate_key)
  return {
    publicKey,
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
      asIssuer: new IssuerCertificate(new Uint8Array(row.tbs)),
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
