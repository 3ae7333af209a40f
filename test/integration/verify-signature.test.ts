/** `verifySignature` asked by GraphQL over the recorded chain: the signature and the identity behind it. */

import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecordedApi, type RecordedApi } from '../support/recorded-api'
import { pemOf, story } from '../support/story'

let api: RecordedApi
beforeAll(async () => {
  api = await openRecordedApi(Date.parse('2026-12-01T00:00:00Z'))
})
afterAll(() => api?.close())

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
      const key = createPrivateKey(pemOf(story[who]))
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
    const key = createPrivateKey(pemOf(story.agent))
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
    const key = createPrivateKey(pemOf(story.agent))
    const signature = sign(null, Buffer.from(data, 'base64'), key)
    const { verifySignature } = await ask(story.agent, signature, { block: 276 })
    expect(verifySignature).toMatchObject({
      valid: false,
      signatureValid: true,
      identity: { verdict: 'INVALID' },
    })
  })
})
