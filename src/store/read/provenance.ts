/** Anchors of proofs in time, and whose a certificate is. */
import type { Pool, PoolClient } from 'pg'
import type { Hex } from '../../bytes'

type Db = Pick<Pool | PoolClient, 'query'>

/** Anchors given; anybody may anchor the same proof again. */
const MAX_ANCHORS = 16

type AnchorRow = { block: number; timestamp: Date; extrinsic_hash: string; sender: string }

/** Remarks that are these 32 bytes, raw or as hex text with or without 0x; earliest first. */
export async function findAnchors(db: Db, digest: Hex) {
  const asText = (text: string) => `0x${Buffer.from(text, 'latin1').toString('hex')}`
  const forms = [digest, asText(digest), asText(digest.slice(2))]
  const { rows } = await db.query<AnchorRow>(
    `select r.block, b.timestamp, r.extrinsic_hash, r.sender
       from remark r join block b on b.height = r.block
      where r.remark = any($1) order by r.id limit ${MAX_ANCHORS}`,
    [forms],
  )
  return rows.map((row) => ({
    height: row.block,
    timeMs: row.timestamp.getTime(),
    extrinsicHash: row.extrinsic_hash,
    sender: row.sender,
  }))
}

/** The identity whose certificate has this SHA-256; the latest when several registered it. */
export async function findSigner(db: Db, fingerprint: Hex): Promise<Hex | null> {
  const { rows } = await db.query<{ auto_id: string }>(
    'select auto_id from certificate where fingerprint = $1 order by id desc limit 1',
    [fingerprint],
  )
  return rows[0]?.auto_id ?? null
}
