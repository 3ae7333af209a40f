/** `verify` and what stands around it, asked by GraphQL over the recorded chain. */

import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex } from '../../src/bytes'
import { assembleCertificate, parseCertificate } from '../../src/pki/certificate'
import { decodePemCertificates, encodePem } from '../../src/pki/pem'
import { openTestApi, type TestApi } from '../support/api'
import { makeCertificate } from '../support/certificates'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

type Story = Record<
  'organisation' | 'person' | 'agent' | 'partner' | 'agentUnderPartner' | 'service' | 'client',
  string
>
type RecordedKey = { pkcs8Pem: string; usedFor: { autoId: string }[] }
type Result = {
  verdict: string
  indication: string
  since: string | null
  until: string | null
  turnedBy: {
    autoIdId: string
    block: { height: number } | null
    evidence: { kind: string } | null
  }
  asOf: { height: number }
  knownAt: { height: number }
  trustAnchor: { id: string } | null
  chain: { autoId: { id: string }; certificate: { serial: string } }[]
  failures: { code: string; autoIdId: string | null; evidence: { kind: string } | null }[]
  findings: { code: string; severity: string; autoId: { id: string } | null }[]
}

const story = JSON.parse(readFileSync('chains/dev/story.json', 'utf8')) as Story
const keys = JSON.parse(readFileSync('test/fixtures/dev/keys.json', 'utf8')) as RecordedKey[]

let database: TestDatabase
let api: TestApi
beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  api = openTestApi(database.url, { nowMs: () => Date.parse('2026-12-01T00:00:00Z') })
})
afterAll(async () => {
  await api?.close()
  await database?.close()
})

const FIELDS = `verdict indication since until asOf { height } knownAt { height } trustAnchor { id }
  turnedBy { autoIdId block { height } evidence { kind } }
  chain { autoId { id } certificate { serial } }
  failures { code autoIdId evidence { kind } } findings { code severity autoId { id } }`
const VERIFY = `query ($subject: CertificateRef!, $at: PointInTime, $knownAt: PointInTime, $policy: PolicyInput) {
  verify(subject: $subject, at: $at, knownAt: $knownAt, policy: $policy) { ${FIELDS} } }`

type Asked = { at?: object; knownAt?: object; policy?: object }
async function verify(subject: object, asked: Asked = {}): Promise<Result> {
  return (await api.ask<{ verify: Result }>(VERIFY, { subject, ...asked })).verify
}
async function errorOf(subject: object, asked: Asked = {}): Promise<unknown> {
  const { answer } = await api.post(VERIFY, { subject, ...asked })
  return answer.errors?.[0]?.extensions?.['code']
}
async function chainPem(autoId: string, block: number): Promise<string> {
  const query = `query ($autoId: ID!, $at: PointInTime) { certificateChain(autoId: $autoId, at: $at) { pem } }`
  const answer = await api.ask<{ certificateChain: { pem: string } }>(query, {
    autoId,
    at: { block },
  })
  return answer.certificateChain.pem
}
const codes = (list: readonly { code: string }[]) => list.map(({ code }) => code)
const at275 = { at: { block: 275 }, knownAt: { block: 275 } }

// Priced by their fields alone these cost 1, and fifty of them a second of work.
it.each([
  ['verify', `verify(subject: { autoId: "0x${'11'.repeat(32)}" }) { verdict }`],
  ['verifyToken', 'verifyToken(jwt: "a.b.c") { verdict }'],
  ['verifyProvenance', `verifyProvenance(proof: "x", sha256: "${'11'.repeat(32)}") { verdict }`],
  ['simulate', 'simulate(call: "0x") { __typename }'],
  [
    'compositeIdentity of one member',
    `compositeIdentity(publicKey: "0x${'11'.repeat(32)}", first: 1) { totalCount }`,
  ],
])('%s has the price of a verdict whatever is selected', async (_, field) => {
  const one = openTestApi(database.url, { limits: { maxComplexity: 60 } })
  const codeOf = async (query: string) =>
    (await one.post(query)).answer.errors?.[0]?.extensions?.['code']
  expect(await codeOf(`{ ${field} }`)).not.toBe('QUERY_TOO_COMPLEX')
  expect(await codeOf(`{ a: ${field} b: ${field} }`)).toBe('QUERY_TOO_COMPLEX')
  await one.close()
})

it('each identity of a key that may be judged has the price of a verdict', async () => {
  const one = openTestApi(database.url, { limits: { maxComplexity: 2_600 } })
  const codeOf = async (field: string) =>
    (await one.post(`{ ${field} }`)).answer.errors?.[0]?.extensions?.['code']
  const key = `publicKey: "0x${'11'.repeat(32)}"`
  const id = `subject: { autoId: "0x${'11'.repeat(32)}" }`
  for (const fits of [
    `compositeIdentity(${key}) { totalCount }`,
    `compositeIdentity(${key}, first: 50) { totalCount }`,
    `verify(${id}, policy: { minIssuers: 2 }) { verdict }`,
    `verify(${id}, policy: { minIssuers: 2, maxMembers: 50 }) { verdict }`,
    `verify(${id}, policy: { maxMembers: 5000 }) { verdict }`,
  ]) {
    expect([fits, await codeOf(fits)]).toEqual([fits, undefined])
  }
  for (const exceeds of [
    `compositeIdentity(${key}, first: 53) { totalCount }`,
    `verify(${id}, policy: { minIssuers: 2, maxMembers: 53 }) { verdict }`,
    `verify(${id}, policy: { issuers: [], maxMembers: 53 }) { verdict }`,
  ]) {
    expect([exceeds, await codeOf(exceeds)]).toEqual([exceeds, 'QUERY_TOO_COMPLEX'])
  }
  await one.close()
})

describe('verify', () => {
  it('blocks 267-275: the agent, its person and its organisation, named up to the root', async () => {
    const result = await verify({ autoId: story.agent }, at275)
    expect(result).toMatchObject({ verdict: 'VALID', indication: 'TOTAL-PASSED', failures: [] })
    expect(result.chain.map(({ autoId }) => autoId.id)).toEqual([
      story.agent,
      story.person,
      story.organisation,
    ])
    expect(result.trustAnchor?.id).toBe(story.organisation)
    expect(result.turnedBy).toMatchObject({
      autoIdId: story.agent,
      block: { height: 269 },
      evidence: { kind: 'REGISTERED' },
    })
  })

  it('block 276: the revocation is the deciding failure, with its event, and what turned the verdict', async () => {
    const result = await verify({ autoId: story.agent }, { at: { block: 280 } })
    expect(result).toMatchObject({ verdict: 'INVALID', indication: 'TOTAL-FAILED/REVOKED' })
    expect(result.failures).toMatchObject([
      { code: 'NOT_REVOKED', autoIdId: story.agent, evidence: { kind: 'REVOKED' } },
    ])
    expect(result.turnedBy).toMatchObject({ block: { height: 276 }, evidence: { kind: 'REVOKED' } })
  })

  it('knownAt is the head when absent, and tells of the revocation that was still to come', async () => {
    const result = await verify({ autoId: story.agent }, { at: { block: 275 } })
    expect([result.verdict, result.asOf.height, result.knownAt.height]).toEqual(['VALID', 275, 282])
    expect(result.findings[0]).toMatchObject({ code: 'REVOKED_LATER', severity: 'CRITICAL' })
  })

  it('a time between two blocks has the state of the earlier one and its own clock', async () => {
    const query = 'query ($h: Int!) { block(height: $h) { timestamp } }'
    const { block } = await api.ask<{ block: { timestamp: string } }>(query, { h: 276 })
    const time = (ms: number) => new Date(Date.parse(block.timestamp) + ms).toISOString()
    const before = await verify({ autoId: story.agent }, { at: { time: time(-1) } })
    const then = await verify({ autoId: story.agent }, { at: { time: time(0) } })
    expect([before.verdict, before.asOf.height]).toEqual(['VALID', 275])
    expect([then.verdict, then.asOf.height]).toEqual(['INVALID', 276])
  })

  it('refuses the future, the time before the chain, and knowledge older than the question', async () => {
    const subject = { autoId: story.agent }
    expect(await errorOf(subject, { at: { block: 283 } })).toBe('POINT_IN_TIME_OUT_OF_RANGE')
    expect(await errorOf(subject, { at: { time: '2030-01-01T00:00:00Z' } })).toBe(
      'POINT_IN_TIME_OUT_OF_RANGE',
    )
    expect(await errorOf(subject, { at: { time: '2020-01-01T00:00:00Z' } })).toBe(
      'POINT_IN_TIME_OUT_OF_RANGE',
    )
    expect(await errorOf(subject, { at: { block: 275 }, knownAt: { block: 274 } })).toBe(
      'BAD_USER_INPUT',
    )
    expect(await errorOf(subject, { at: { block: 275, time: '2026-09-01T00:00:00Z' } })).toBe(
      'BAD_USER_INPUT',
    )
  })

  it('without `at` the wall clock judges validity: `until` past, the chain has expired, though the head stands still', async () => {
    const subject = { autoId: story.organisation }
    const now = await verify(subject)
    const until = Date.parse(now.until ?? '')
    const later = openTestApi(database.url, { nowMs: () => until + 60_000 })
    const { verify: result } = await later.ask<{ verify: Result }>(VERIFY, { subject })
    await later.close()
    expect([now.verdict, result.verdict, result.indication]).toEqual([
      'VALID',
      'INVALID',
      'TOTAL-FAILED/EXPIRED',
    ])
    expect([Date.parse(result.since ?? ''), result.turnedBy?.block]).toEqual([until + 1, null])
  })
})

describe('verify a certificate that is shown', () => {
  it('by its PEM, alone or with its chain, by its fingerprints and by issuer and serial', async () => {
    const pem = await chainPem(story.agent, 275)
    const [leaf] = decodePemCertificates(pem)
    const alone = encodePem('CERTIFICATE', leaf ?? new Uint8Array())
    const query = `query ($id: ID!, $at: PointInTime) { autoId(id: $id, at: $at) { issuerId
      certificate { fingerprint tbsFingerprint serial } } }`
    const { autoId } = await api.ask<{
      autoId: {
        issuerId: string
        certificate: { fingerprint: string; tbsFingerprint: string; serial: string }
      }
    }>(query, { id: story.agent, at: { block: 275 } })
    const { fingerprint, tbsFingerprint, serial } = autoId.certificate
    const subjects = [
      { pem },
      { pem: alone },
      { fingerprint },
      { fingerprint: tbsFingerprint },
      { issuerSerial: { issuerId: autoId.issuerId, serial } },
    ]
    for (const subject of subjects) {
      const result = await verify(subject, { ...at275, policy: { profile: 'RFC5280' } })
      expect([subject, result.verdict, result.chain[0]?.autoId.id]).toEqual([
        subject,
        'VALID',
        story.agent,
      ])
      expect((await verify(subject, { at: { block: 282 } })).verdict).toBe('INVALID')
    }
  })

  it('a registered TBS under a forged signature is invalid, under either profile', async () => {
    const [leaf] = decodePemCertificates(await chainPem(story.agent, 275))
    const { tbs, signature } = parseCertificate(leaf ?? new Uint8Array())
    const forged = Uint8Array.from(signature, (byte, index) => (index === 9 ? byte ^ 1 : byte))
    const pem = encodePem('CERTIFICATE', assembleCertificate(tbs, forged))
    for (const profile of ['REGISTRY', 'RFC5280']) {
      const result = await verify({ pem }, { ...at275, policy: { profile } })
      expect([result.verdict, codes(result.failures)]).toEqual([
        'INVALID',
        expect.arrayContaining(['PRESENTED_SIGNATURE']),
      ])
    }
  })

  it('a certificate before it was registered, and one never registered, are undetermined', async () => {
    const pem = await chainPem(story.agent, 275)
    const early = await verify({ pem }, { at: { block: 268 } })
    expect([early.verdict, codes(early.failures)]).toEqual(['INDETERMINATE', ['KNOWN']])
    const foreign = makeCertificate({ subject: 'somebody' })
    const result = await verify({ pem: encodePem('CERTIFICATE', foreign.der) })
    expect([result.verdict, result.indication, result.chain]).toEqual([
      'INDETERMINATE',
      'INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND',
      [],
    ])
  })

  it('a foreign certificate of a registered key, or signed past the registry, says so', async () => {
    const recorded = keys.find((key) => key.usedFor.some(({ autoId }) => autoId === story.agent))
    const key = createPrivateKey(recorded?.pkcs8Pem ?? '')
    const [leaf] = decodePemCertificates(await chainPem(story.agent, 275))
    const unsigned = parseCertificate(leaf ?? new Uint8Array())
    // The agent's own certificate with one bit of its validity changed, signed by the agent itself.
    const tbs = Uint8Array.from(unsigned.tbs)
    const at = Buffer.from(tbs).indexOf(Buffer.from('Z'))
    tbs[at - 1] = (tbs[at - 1] ?? 0) ^ 1
    const signature = new Uint8Array(sign(null, tbs, key))
    const der = assembleCertificate(tbs, signature, fromHex('0x300506032b6570'))
    const alone = await verify({ pem: encodePem('CERTIFICATE', der) }, at275)
    expect([alone.verdict, codes(alone.findings)]).toEqual([
      'INDETERMINATE',
      expect.arrayContaining(['FOREIGN_CERTIFICATE_KNOWN_KEY']),
    ])
    const chain = [der, leaf ?? new Uint8Array()].map((each) => encodePem('CERTIFICATE', each))
    const below = await verify({ pem: chain.join('') }, at275)
    expect([below.verdict, codes(below.findings)]).toEqual([
      'INDETERMINATE',
      expect.arrayContaining(['ISSUED_OUTSIDE_REGISTRY']),
    ])
    const policy = { rejectFindings: ['ISSUED_OUTSIDE_REGISTRY'] }
    const rejected = await verify({ pem: chain.join('') }, { ...at275, policy })
    expect([rejected.verdict, codes(rejected.failures)]).toEqual([
      'INVALID',
      expect.arrayContaining(['FINDINGS', 'KNOWN']),
    ])
    const stranger = makeCertificate({ subject: 'somebody' })
    const unknown = await verify({ pem: encodePem('CERTIFICATE', stranger.der) }, { policy })
    expect([unknown.verdict, codes(unknown.failures)]).toEqual(['INDETERMINATE', ['KNOWN']])
  })

  it('a policy may reject a shown chain that is not the recorded one', async () => {
    const policy = { rejectFindings: ['PRESENTED_CHAIN_DIFFERS'] }
    const recorded = await chainPem(story.agent, 275)
    const same = await verify({ pem: recorded }, { ...at275, policy })
    expect([same.verdict, codes(same.failures)]).toEqual(['VALID', []])
    const stranger = makeCertificate({ subject: 'somebody' })
    const pem = recorded + encodePem('CERTIFICATE', stranger.der)
    expect((await verify({ pem }, at275)).verdict).toBe('VALID')
    const differs = await verify({ pem }, { ...at275, policy })
    expect([differs.verdict, codes(differs.failures)]).toEqual(['INVALID', ['FINDINGS']])
  })

  it.each(['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'refuses what is no certificate: %s',
    async (pem) => {
      expect(await errorOf({ pem })).toBe('BAD_USER_INPUT')
    },
  )
})

describe('composite identities', () => {
  const COMPOSITE = `query ($publicKey: String!, $at: PointInTime) { compositeIdentity(publicKey: $publicKey, at: $at) {
    validIssuers members { autoId { id } verdict } } }`
  const keyOfAgent = async () => {
    const query = 'query ($id: ID!) { autoId(id: $id) { certificate { publicKey { sha256 } } } }'
    const answer = await api.ask<{ autoId: { certificate: { publicKey: { sha256: string } } } }>(
      query,
      { id: story.agent },
    )
    return answer.autoId.certificate.publicKey.sha256
  }

  it('block 273: the agent’s key stands under its person and under the partner; after 276 one is left', async () => {
    const publicKey = await keyOfAgent()
    type Answer = {
      compositeIdentity: {
        validIssuers: number
        members: { autoId: { id: string }; verdict: string }[]
      }
    }
    const then = await api.ask<Answer>(COMPOSITE, { publicKey, at: { block: 275 } })
    expect(then.compositeIdentity.validIssuers).toBe(2)
    expect(then.compositeIdentity.members.map(({ autoId }) => autoId.id).sort()).toEqual(
      [story.agent, story.agentUnderPartner].sort(),
    )
    const after = await api.ask<Answer>(COMPOSITE, { publicKey, at: { block: 276 } })
    expect(after.compositeIdentity.validIssuers).toBe(1)
    const nobody = await api.ask<Answer>(COMPOSITE, { publicKey: `0x${'0'.repeat(64)}` })
    expect(nobody.compositeIdentity).toBeNull()
  })

  it('minIssuers: valid under two issuers until one of them revokes', async () => {
    const subject = { autoId: story.agentUnderPartner }
    const policy = { minIssuers: 2 }
    expect((await verify(subject, { ...at275, policy })).verdict).toBe('VALID')
    const after = await verify(subject, { at: { block: 276 }, policy })
    expect([after.verdict, codes(after.failures)]).toEqual(['INVALID', ['COMPOSITE']])
    expect((await verify(subject, { at: { block: 276 } })).verdict).toBe('VALID')
  })

  it('issuers: only the named ones count, wherever above they stand', async () => {
    const subject = { autoId: story.agent }
    const both = { minIssuers: 2, issuers: [story.organisation, story.partner] }
    expect((await verify(subject, { ...at275, policy: both })).verdict).toBe('VALID')
    const other = { minIssuers: 2, issuers: [story.organisation, story.service] }
    expect((await verify(subject, { ...at275, policy: other })).verdict).toBe('INVALID')
  })
})

describe('verifySignature', () => {
  const SIGNATURE = `query ($autoId: ID!, $data: String!, $signature: String!, $at: PointInTime) {
    verifySignature(autoId: $autoId, data: $data, signature: $signature, at: $at) {
      valid signatureValid code algorithm message identity { verdict } } }`
  type Answer = {
    verifySignature: {
      valid: boolean
      signatureValid: boolean
      code: string | null
      algorithm: string
      identity: { verdict: string }
    }
  }
  const data = Buffer.from('a challenge').toString('base64')
  const ask = (autoId: string, signature: Buffer, at: object) =>
    api.ask<Answer>(SIGNATURE, { autoId, data, signature: signature.toString('base64'), at })

  it.each(['agent', 'organisation', 'person', 'service'] as const)(
    'the key of the %s is found good, another key is not',
    async (who) => {
      const recorded = keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === story[who]))
      const key = createPrivateKey(recorded?.pkcs8Pem ?? '')
      const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
      const bytes = Buffer.from(data, 'base64')
      const good = await ask(story[who], sign(hash, bytes, key), { block: 275 })
      expect(good.verifySignature).toMatchObject({ valid: true, signatureValid: true, code: null })
      const stranger = generateKeyPairSync('ed25519').privateKey
      const bad = await ask(story[who], sign(null, bytes, stranger), { block: 275 })
      const none = { valid: false, signatureValid: false }
      expect(bad.verifySignature).toMatchObject({ ...none, code: 'SIG_BAD' })
      const unknown = await ask(`0x${'1'.repeat(64)}`, sign(hash, bytes, key), { block: 275 })
      expect(unknown.verifySignature).toMatchObject({ ...none, code: 'KNOWN', algorithm: null })
    },
  )

  it('the policy is asked about the identity: another trust anchor, and the signature counts no more', async () => {
    const recorded = keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === story.agent))
    const key = createPrivateKey(recorded?.pkcs8Pem ?? '')
    const signature = sign(null, Buffer.from(data, 'base64'), key).toString('base64')
    const query = `query ($autoId: ID!, $data: String!, $signature: String!, $policy: PolicyInput) {
      verifySignature(autoId: $autoId, data: $data, signature: $signature, at: { block: 275 }, policy: $policy) {
        valid signatureValid } }`
    const ask = (anchor: string) =>
      api.ask<Answer>(query, {
        autoId: story.agent,
        data,
        signature,
        policy: { trustAnchors: [anchor] },
      })
    expect((await ask(story.organisation)).verifySignature).toMatchObject({ valid: true })
    expect((await ask(story.partner)).verifySignature).toMatchObject({
      valid: false,
      signatureValid: true,
    })
  })

  it.each([story.agent, `0x${'11'.repeat(32)}`])(
    'text that is no base64 is a bad argument, whoever is asked about (%s)',
    async (autoId) => {
      for (const argument of ['data', 'signature']) {
        const asked = { autoId, data, signature: data, [argument]: '***' }
        const { answer } = await api.post(SIGNATURE, asked)
        expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument } }])
      }
    },
  )

  it('block 276: a good signature of a revoked identity is good, and not valid', async () => {
    const recorded = keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === story.agent))
    const key = createPrivateKey(recorded?.pkcs8Pem ?? '')
    const signature = sign(null, Buffer.from(data, 'base64'), key)
    const { verifySignature } = await ask(story.agent, signature, { block: 276 })
    expect(verifySignature).toMatchObject({
      valid: false,
      signatureValid: true,
      identity: { verdict: 'INVALID' },
    })
  })
})
