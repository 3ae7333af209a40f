/** OCSP over the recorded chain: every certificate of it, named as a request names it and asked about. */

import pg from 'pg'
import { expect } from 'vitest'
import { parseTbs } from '../../src/pki/certificate'
import { encodeCertId, encodeOcspRequest } from '../../src/pki/ocsp-request'
import { type OcspSingleResponse, parseOcspResponse } from '../../src/pki/ocsp-response'
import { type RecordedService, startRecordedService } from './recorded-service'

/** A certificate as it is recorded, with what its issuer was when it was issued. */
export type Issued = {
  readonly id: string
  readonly auto_id: string
  readonly issuer_id: string | null
  readonly serial: string
  readonly tbs: Buffer
  readonly der: Buffer | null
  readonly block_to: number | null
  readonly issuer_spki: Buffer | null
  readonly issuer_der: Buffer | null
  readonly issuer_gone: boolean
}

export type RecordedOcsp = {
  readonly service: RecordedService
  readonly client: pg.Client
  readonly certificates: readonly Issued[]
  /** The newest certificate of an identity. */
  newestOf(autoId: string): Issued
  ask(certIds: readonly Uint8Array[], nonce?: Uint8Array): Promise<readonly OcspSingleResponse[]>
  close(): Promise<void>
}

export async function openRecordedOcsp(): Promise<RecordedOcsp> {
  const service = await startRecordedService()
  const client = new pg.Client({ connectionString: service.databaseUrl })
  await client.connect()
  const { rows: certificates } = await client.query<Issued>(`
    select c.*, coalesce(ic.public_key, c.public_key) as issuer_spki, coalesce(ic.der, c.der) as issuer_der,
      (g.block_to is not null) as issuer_gone
      from certificate c left join certificate ic on ic.id = c.issuer_certificate_id
      left join registration g on g.id = ic.registration_id order by c.id`)
  return {
    service,
    client,
    certificates,
    newestOf: (autoId) => {
      const row = certificates.filter(({ auto_id }) => auto_id === autoId).at(-1)
      if (row === undefined) throw new Error(`no certificate of ${autoId}`)
      return row
    },
    ask: async (certIds, nonce) => {
      const body = new Uint8Array(encodeOcspRequest(certIds, nonce))
      const response = await fetch(`${service.url}/ocsp`, { method: 'POST', body })
      expect(response.headers.get('content-type')).toBe('application/ocsp-response')
      return parseOcspResponse(new Uint8Array(await response.arrayBuffer())).responses
    },
    close: async () => {
      await client.end()
      await service.close()
    },
  }
}

export function certIdOf(row: Issued, hash: 'sha1' | 'sha256' = 'sha1'): Uint8Array {
  const { issuer, serialBytes } = parseTbs(row.tbs)
  return encodeCertId(hash, issuer, row.issuer_spki ?? Buffer.alloc(0), serialBytes)
}

/** Whether the TBS is DER with a serial that a request can name. */
export function isNamable(tbs: Uint8Array): boolean {
  try {
    const { serialBytes } = parseTbs(tbs)
    return !(serialBytes.length > 1 && serialBytes[0] === 0 && (serialBytes[1] as number) < 0x80)
  } catch {
    return false
  }
}
