/** Evidence bundles made from a really indexed chain and its node. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex } from '../../src/bytes'
import { describeReport } from '../../src/cli/verify-bundle'
import { AppError } from '../../src/errors'
import { collectBundle } from '../../src/node/collect-bundle'
import type { NodeRpc } from '../../src/node/rpc'
import { type EvidenceBundle, verifyBundle } from '../../src/proof/bundle'
import { findCalls } from '../../src/proof/bundle-call'
import { parseBundle } from '../../src/proof/bundle-format'
import { readCertificateCall } from '../../src/store/read/certificate-call'
import { type AuditedChain, blockAt, genesisHash, openAuditedChain } from '../support/audited-chain'
import { bytes } from '../support/call-bytes'
import {
  bare,
  eventRecord,
  type Forged,
  forge,
  PALLET,
  registerCall,
} from '../support/forged-block'
import { story } from '../support/story'

const agent = story.agent
const INCLUSION = new Set([
  'call-in-block',
  'call-carries-certificate',
  'events-complete',
  'event-emitted',
  'blocks-agree',
])
type Invented = Forged & { readonly call: Uint8Array; readonly bundle: EvidenceBundle }

let chain: AuditedChain
let pool: AuditedChain['pool']
let rpc: NodeRpc
beforeAll(async () => {
  chain = await openAuditedChain()
  ;({ pool, rpc } = chain)
})
afterAll(() => chain?.close())

describe('evidence bundles', () => {
  const bundleAt = (height: number, autoId = agent) =>
    collectBundle(
      rpc,
      (id, at) => readCertificateCall(pool, id, at),
      genesisHash,
      blockAt(height),
      autoId,
    )

  it('block 275: the agent’s bundle survives being a file and holds offline, in every check', async () => {
    const parsed = parseBundle(JSON.stringify(await bundleAt(275)))
    if (!parsed.ok) throw new Error(parsed.message)
    const report = verifyBundle(parsed.bundle)
    expect(report.checks.filter((check) => !check.ok)).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.hops.map((hop) => [hop.autoId, hop.revoked])).toEqual([
      [agent, false],
      [story.person, false],
      [story.organisation, false],
    ])
    expect(report.certificates).toHaveLength(3)
  })

  it('block 278: the bundle holds and proves the revocation', async () => {
    const report = verifyBundle(await bundleAt(278))
    expect([report.ok, report.hops[0]?.revoked]).toEqual([true, true])
  })

  it('block 192: an algorithm as the SDK sends it, Ed25519 with NULL parameters, is that of the certificate', async () => {
    const { rows } = await pool.query<{ autoId: string }>(
      'select auto_id as "autoId" from registry_event where block = 192',
    )
    const bundle = await bundleAt(192, rows[0]?.autoId)
    const [first, ...rest] = bundle.certificates
    if (!first) throw new Error('no certificate')
    expect(first.signatureAlgorithm).toBe('0x300706032b65700500')
    const report = verifyBundle(bundle)
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(report.ok).toBe(true)
    const forged = { ...first, signature: `${first.signature.slice(0, -2)}00` }
    const refused = verifyBundle({ ...bundle, certificates: [forged, ...rest] })
    const signature = refused.checks.find(({ name }) => name.endsWith('signature'))
    expect([refused.ok, signature?.ok]).toEqual([false, false])
  })

  it('any part changed is a failed check, never a good bundle', async () => {
    const bundle = await bundleAt(275)
    const [first, ...rest] = bundle.certificates
    if (!first) throw new Error('no certificate')
    const flip = (hex: string) => hex.slice(0, -2) + (hex.endsWith('00') ? '01' : '00')
    const changed: EvidenceBundle[] = [
      { ...bundle, autoId: story.person },
      { ...bundle, certificates: rest },
      { ...bundle, certificates: [{ ...first, signature: flip(first.signature) }, ...rest] },
      { ...bundle, certificates: [{ ...first, tbs: flip(first.tbs) }, ...rest] },
      { ...bundle, state: { ...bundle.state, nodes: bundle.state.nodes.slice(1) } },
      {
        ...bundle,
        certificates: [
          { ...first, block: { ...first.block, nodes: first.block.nodes.slice(1) } },
          ...rest,
        ],
      },
      {
        ...bundle,
        certificates: [
          {
            ...first,
            extrinsic: { ...first.extrinsic, extrinsic: flip(first.extrinsic.extrinsic) },
          },
          ...rest,
        ],
      },
    ]
    for (const one of changed) expect(verifyBundle(one).ok).toBe(false)
  })

  it('rests on the block of its state and of every call, each named with height and hash', async () => {
    const bundle = await bundleAt(275)
    const report = verifyBundle(bundle)
    const named = [bundle.state, ...bundle.certificates.map(({ block }) => block)]
    expect(report.restsOn.map(({ height, hash }) => [height, hash])).toEqual(
      named.map(({ header, blockHash }) => [header.number, blockHash]),
    )
    const printed = describeReport(report).join('\n')
    for (const { header, blockHash } of named) {
      expect(printed).toContain(`block ${header.number} ${blockHash}`)
    }
    expect(printed).toContain(`genesis ${bundle.genesisHash}: not proved`)
  })

  it('block by block: a child names its parent, which then needs no comparison of its own', async () => {
    const { state, certificates } = await bundleAt(275)
    const height = certificates[0]?.block.header.number ?? 0
    const at = (await bundleAt(height + 1)).state
    const report = verifyBundle({ ...(await bundleAt(height + 1)), state: at })
    expect(report.restsOn.slice(0, 2).map(({ parentOf }) => parentOf)).toEqual([null, at.blockHash])
    expect(verifyBundle(await bundleAt(275)).restsOn[1]?.parentOf).toBe(null)
    expect(state.header.number).toBe(275)
  })

  describe('with a block that was made up', () => {
    const inventing = async (change: (honest: Invented) => Partial<Invented>, at = 275) => {
      const bundle = await bundleAt(at)
      const [first, ...rest] = bundle.certificates
      if (!first) throw new Error('no certificate')
      const call = registerCall(first, story.person)
      const honest: Invented = {
        number: 270,
        parentHash: `0x${'11'.repeat(32)}`,
        extrinsics: [bare(Uint8Array.of(0)), bare(call)],
        events: [eventRecord(1, 0, agent)],
        call,
        bundle,
      }
      const forged = forge(first, { ...honest, ...change(honest) })
      return { forged, report: verifyBundle({ ...bundle, certificates: [forged, ...rest] }) }
    }
    const failed = ({ report }: Awaited<ReturnType<typeof inventing>>) =>
      report.checks.flatMap(({ name, ok }) => (ok ? [] : [name]))

    it('no check can tell, and the invented block is the one to compare', async () => {
      const { forged, report } = await inventing(() => ({}))
      expect(report.ok).toBe(true)
      expect(report.restsOn[1]).toEqual({
        height: 270,
        hash: forged.block.blockHash,
        parentOf: null,
      })
      expect(describeReport(report).join('\n')).toContain(
        `PROVIDED that these blocks are on the chain:\n     block 275 ${report.blockHash} state\n     block 270 ${forged.block.blockHash} call`,
      )
    })

    it('above the state, beside it, or not below it where it would have to be: refused', async () => {
      expect(failed(await inventing(() => ({ number: 276 })))).toEqual(['blocks-agree'])
      expect(failed(await inventing(() => ({ number: 275 })))).toEqual(['blocks-agree'])
      expect(failed(await inventing(() => ({ number: 274 })))).toEqual(['blocks-agree'])
    })

    it('on another genesis than the bundle says: refused', async () => {
      const first = { number: 1 }
      const onGenesis = ({ bundle }: Invented) => ({ ...first, parentHash: bundle.genesisHash })
      expect(failed(await inventing(onGenesis))).toEqual([])
      expect(failed(await inventing(() => first))).toEqual(['blocks-agree'])
    })

    it('TBS and signature in a remark, half a byte off, or under another issuer are no call', async () => {
      const remarked = ({ call }: Invented) => ({
        extrinsics: [
          bare(Uint8Array.of(0)),
          bare(concatBytes(Uint8Array.of(0, 0), bytes(call.subarray(36)))),
        ],
      })
      const shifted = ({ call }: Invented) => ({
        extrinsics: [bare(Uint8Array.of(0)), bare(fromHex(`0x0${toHex(call).slice(2)}0`))],
      })
      const other = ({ call }: Invented) => ({
        extrinsics: [
          bare(Uint8Array.of(0)),
          bare(concatBytes(call.subarray(0, 4), fromHex(agent), call.subarray(36))),
        ],
      })
      for (const change of [remarked, shifted, other]) {
        expect(failed(await inventing(change))).toEqual([
          'call-carries-certificate',
          'event-emitted',
        ])
      }
    })

    it('an event of another extrinsic, kind, pallet or identifier is not that of the call', async () => {
      const otherPallet = eventRecord(1, 0, agent)
      otherPallet[5] = PALLET + 1
      for (const record of [
        eventRecord(0, 0, agent),
        eventRecord(1, 1, agent),
        eventRecord(1, 3, agent),
        eventRecord(1, 0, story.person),
        otherPallet,
      ]) {
        expect(failed(await inventing(() => ({ events: [record] })))).toEqual(['event-emitted'])
      }
    })
  })

  it('holds for identities that came by a registration and by a renewal', async () => {
    const { rows } = await pool.query<{ auto_id: string }>(
      `select auto_id from (
         select v.auto_id, row_number() over (partition by e.kind order by v.auto_id) as place
           from auto_id_version v join registry_event e on e.id = v.certificate_id
          where v.active and v.block_from <= 282 and (v.block_to is null or v.block_to > 282)) one
        where place <= 12`,
    )
    const kinds = new Set<number>()
    for (const { auto_id } of rows) {
      const bundle = await bundleAt(282, auto_id).catch((error: AppError) => error)
      if (bundle instanceof AppError) {
        expect(bundle.code).toBe('NOT_FOUND')
        continue
      }
      const inclusion = verifyBundle(bundle).checks.filter(({ name }) => INCLUSION.has(name))
      expect(inclusion.filter(({ ok }) => !ok)).toEqual([])
      for (const { tbs, signatureAlgorithm, signature, extrinsic, autoId } of bundle.certificates) {
        const issuerId =
          verifyBundle(bundle).hops.find((hop) => hop.autoId === autoId)?.entry?.issuerId ?? null
        const content = { autoId, issuerId, tbs, signatureAlgorithm, signature }
        for (const { event } of findCalls(fromHex(extrinsic.extrinsic), content)) kinds.add(event)
      }
    }
    expect([...kinds].sort()).toEqual([0, 3])
  })

  it('an identity that is not registered has no bundle', async () => {
    await expect(bundleAt(100)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('text that is no bundle is refused by what is wrong with it', () => {
    expect(parseBundle('nope')).toMatchObject({ ok: false, message: 'no JSON' })
    expect(parseBundle('{}')).toMatchObject({ ok: false })
    const shape = { format: 'auto-registry-evidence', version: 1, genesisHash: '0x', autoId: 'zz' }
    expect(parseBundle(JSON.stringify(shape))).toMatchObject({
      ok: false,
      message: 'no evidence bundle: autoId: not hex',
    })
  })
})
