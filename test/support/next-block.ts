/** Goes on with an indexed chain: one more block with a real revocation, signed by the issuer's own key. */

import { createHash, createPrivateKey, sign } from 'node:crypto'
import pg from 'pg'
import { fromHex } from '../../src/bytes'
import { encodeCertificateAction } from '../../src/registry/action'
import type { BlockRecord } from '../../src/registry/types'
import { RegistryDatabase } from '../../src/store/hot-database'
import { indexBatch } from '../../src/store/index-batch'

const ECDSA_SHA256 = fromHex('0x300a06082a8648ce3d040302')
const RSA_SHA256 = fromHex('0x300d06092a864886f70d01010b0500')

type Head = {
  height: number
  hash: string
  timestamp: Date
  genesis_hash: string
  spec_name: string
  nonce: string
}

/** @param issuerKey PKCS#8 PEM of the issuer's key, P-256 or RSA. */
export async function indexRevocation(
  url: string,
  autoId: string,
  issuerId: string,
  issuerKey: string,
): Promise<void> {
  const head = await readHead(url, issuerId)
  const action = encodeCertificateAction(autoId, BigInt(head.nonce), 'REVOKE')
  const key = createPrivateKey(issuerKey)
  const signature = new Uint8Array(sign('sha256', action, key))
  const algorithm = key.asymmetricKeyType === 'rsa' ? RSA_SHA256 : ECDSA_SHA256
  const block = blockAfter(head, { autoId, signature, signatureAlgorithm: algorithm })
  const database = new RegistryDatabase(
    url,
    {
      genesisHash: head.genesis_hash,
      specName: head.spec_name,
      ss58Prefix: 6094,
      tokenSymbol: 'AI3',
      tokenDecimals: 18,
    },
    { lockWaitMs: 0 },
  )
  const state = await database.connect()
  try {
    await database.transactHot2(
      {
        finalizedHead: { height: state.height, hash: state.hash },
        baseHead: { height: head.height, hash: head.hash },
        newBlocks: [{ height: block.height, hash: block.hash }],
      },
      (client) => indexBatch(client, [block]),
    )
  } finally {
    await database.disconnect()
  }
}

async function readHead(url: string, issuerId: string): Promise<Head> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<Head>(
    `select s.height, s.hash, b.timestamp, c.genesis_hash, c.spec_name, v.nonce
       from index_status s join block b on b.height = s.height, chain_info c, auto_id_version v
      where v.auto_id = $1 and v.block_to is null`,
    [issuerId],
  )
  await client.end()
  if (rows[0] === undefined) throw new Error(`no issuer ${issuerId}`)
  return rows[0]
}

type Action = {
  readonly autoId: string
  readonly signature: Uint8Array
  readonly signatureAlgorithm: Uint8Array
}

function blockAfter(head: Head, action: Action): BlockRecord {
  const { autoId } = action
  const hashOf = (what: string) =>
    `0x${createHash('sha256').update(`${what} ${head.height} ${autoId}`).digest('hex')}`
  return {
    height: head.height + 1,
    hash: hashOf('block'),
    parentHash: head.hash,
    stateRoot: hashOf('state'),
    extrinsicsRoot: hashOf('extrinsics'),
    timestamp: head.timestamp.getTime() + 6_000,
    specVersion: 2,
    eventCount: 1,
    extrinsicCount: 1,
    nodes: [
      {
        type: 'CALL',
        call: {
          call: { kind: 'REVOKE', ...action },
          outcome: { status: 'APPLIED', eventIndex: 0, autoId },
          extrinsicIndex: 0,
          extrinsicHash: hashOf('extrinsic'),
          callPath: '',
          wrappers: [],
          signer: hashOf('payer'),
          fee: null,
        },
      },
    ],
    remarks: [],
    unexplained: [],
    quarantined: [],
    stateRead: null,
  }
}
