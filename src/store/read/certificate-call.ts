/** The call that brought the certificate an identity had in force at a block: what an evidence bundle is made of. */

import type { Pool, PoolClient } from 'pg'
import type { Hex } from '../../bytes'
import type { CertificateCall } from '../../proof/bundle'

type CallRow = {
  tbs: Buffer
  signature_algorithm: Buffer | null
  signature: Buffer | null
  block_hash: Hex
  extrinsic_index: number | null
}

const CALL = `
  select c.tbs, c.signature_algorithm, c.signature, b.id as block_hash, e.extrinsic_index
    from auto_id_version v
    join certificate c on c.id = v.certificate_id
    join registry_event e on e.id = c.id
    join block b on b.height = e.block
   where v.auto_id = $1 and v.active and v.block_from <= $2 and (v.block_to is null or v.block_to > $2)`

export async function readCertificateCall(
  db: Pick<Pool | PoolClient, 'query'>,
  autoId: Hex,
  height: number,
): Promise<CertificateCall | null> {
  const { rows } = await db.query<CallRow>(CALL, [autoId, height])
  const row = rows[0]
  return row
    ? {
        tbs: row.tbs,
        signatureAlgorithm: row.signature_algorithm,
        signature: row.signature,
        blockHash: row.block_hash,
        extrinsicIndex: row.extrinsic_index,
      }
    : null
}
