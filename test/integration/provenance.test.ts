/** Provenance over the recorded chain: the story's cases, each with its answer and its reason. */

import { createHash, createPrivateKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReadIdentity } from '../../src/tokens/identity'
import { verifyProvenance } from '../../src/tokens/provenance'
import { type AuthorityFixture, doubting, NOW, openAuthorityFixture } from '../support/authority'
import { pemOf, story } from '../support/story'
import { makeTimestamp, STAMP_ROOT } from '../support/timestamps'

let fixture: AuthorityFixture

beforeAll(async () => {
  fixture = await openAuthorityFixture()
})

afterAll(() => fixture?.close())

/** Signed by the same key for another end. */
const otherJwt = () =>
  new SignJWT({ sub: story.client, sha256: '00'.repeat(32) })
    .setProtectedHeader({ alg: 'RS256', kid: story.client, typ: 'JWT' })
    .sign(createPrivateKey(pemOf(story.client)))

describe('verifyProvenance: the story of blocks 267-277', () => {
  test('a proof anchored while the agent was good is valid, and says that the agent was revoked since', async () => {
    const { jws, content } = fixture.storyProof(0)
    expect(await fixture.prove(jws, content, { trustAnchors: [story.organisation] })).toMatchObject(
      {
        verdict: 'VALID',
        failures: [],
        findings: [{ code: 'MODEL_ATTESTED' }, { code: 'REVOKED_SINCE' }],
        signer: story.agent,
        contentMatches: true,
        model: 'urn:model:example/open-writer:7b:v2',
        time: { evidence: 'ANCHOR', provenAtMs: 1795116342434, anchor: { height: 274 } },
        trustAnchor: story.organisation,
      },
    )
  })

  test('an anchor inside a batch counts as well', async () => {
    const { jws, content } = fixture.storyProof(1)
    expect(await fixture.prove(jws, content)).toMatchObject({
      verdict: 'VALID',
      time: { anchor: { height: 275 } },
    })
  })

  test('a back-dated proof, anchored after the revocation, is invalid: its own date proves nothing', async () => {
    const { jws, content } = fixture.storyProof(2)
    const answer = await fixture.prove(jws, content)
    expect(answer).toMatchObject({
      verdict: 'INVALID',
      time: { evidence: 'ANCHOR', anchor: { height: 277 } },
    })
    expect(answer.failures.map(({ code }) => code)).toEqual(['SIGNER_NOT_GOOD', 'TIME_BACKDATED'])
    expect(answer.failures[0]?.message).toContain(
      'revocation list since block 276, by a revocation',
    )
  })

  test('a proof never anchored is indeterminate: its time is only claimed', async () => {
    const { jws, content } = fixture.storyProof(3)
    const answer = await fixture.prove(jws, content)
    expect(answer).toMatchObject({
      verdict: 'INDETERMINATE',
      time: { evidence: 'NONE', provenAtMs: null },
    })
    expect(answer.failures.map(({ code }) => code)).toEqual(['TIME_ONLY_CLAIMED'])
  })

  test('other content, a changed proof, another type or another anchor are invalid', async () => {
    const { jws, content } = fixture.storyProof(0)
    expect((await fixture.prove(jws, `${content}!`)).failures).toMatchObject([
      { code: 'CONTENT_MISMATCH' },
    ])
    // A proof with another signature has other bytes, hence no anchor either.
    const changed = await fixture.prove(`${jws.slice(0, -8)}AAAAAAAA`, content)
    expect(changed).toMatchObject({ verdict: 'INVALID' })
    expect(changed.failures.map(({ code }) => code)).toContain('PROOF_SIGNATURE')
    expect((await fixture.prove(await otherJwt(), content)).failures).toMatchObject([
      { code: 'PROOF_MALFORMED' },
    ])
    const anchors = await fixture.prove(jws, content, { trustAnchors: [story.partner] })
    expect(anchors.failures).toMatchObject([{ code: 'SIGNER_UNANCHORED' }])
    const sha256 = createHash('sha256').update(content).digest('hex')
    const doubtful = await verifyProvenance(
      {
        proof: jws,
        sha256,
        timestamps: [],
        timestampAnchors: [],
        clockMs: NOW,
        trustAnchors: [story.organisation],
      },
      { ...fixture.sources, readIdentity: doubting(fixture.readIdentity) },
    )
    expect(doubtful).toMatchObject({
      verdict: 'INDETERMINATE',
      failures: [{ code: 'SIGNER_UNDETERMINED' }],
    })
    expect((await fixture.prove(jws, null)).contentMatches).toBeNull()
  })
})
test('a proof that claims a time yet to come is invalid, one within a minute is not', async () => {
  const future = await fixture.prove(
    await fixture.claim(story.client, undefined, NOW / 1000 + 61),
    'x',
  )
  expect(future).toMatchObject({
    verdict: 'INVALID',
    failures: [{ code: 'TIME_CLAIM_IMPOSSIBLE' }],
  })
  const skewed = await fixture.prove(
    await fixture.claim(story.client, undefined, NOW / 1000 + 60),
    'x',
  )
  expect(skewed.verdict).toBe('VALID')
})

describe('the model a proof claims', () => {
  test("is never valid when the signer's certificate names another one", async () => {
    const answer = await fixture.prove(
      await fixture.claim(story.agent, 'urn:model:example/other'),
      'x',
    )
    expect(answer.modelOutcome).toBe('MISMATCH')
    expect(answer.verdict).toBe('INVALID')
    expect(answer.failures.map(({ code }) => code)).toContain('MODEL_MISMATCH')
  })

  test('is only claimed when the certificate names none, and asked of nobody when not claimed', async () => {
    const unnamed = await fixture.prove(await fixture.claim(story.client, 'urn:model:x'), 'x')
    expect(unnamed).toMatchObject({ verdict: 'VALID', modelOutcome: 'NOT_NAMED' })
    expect(unnamed.findings.map(({ code }) => code)).toContain('MODEL_ONLY_CLAIMED')
    const silent = await fixture.prove(await fixture.claim(story.client), 'x')
    expect(silent).toMatchObject({ verdict: 'VALID', modelOutcome: 'NOT_CLAIMED' })
  })

  test('cannot be judged without a certificate to read', async () => {
    const blind: ReadIdentity = async (autoId, at) => {
      const identity = await fixture.readIdentity(autoId, at)
      return identity === null ? null : { ...identity, certificate: null }
    }
    const { jws, content } = fixture.storyProof(0)
    const nothing = { timestamps: [], timestampAnchors: [], trustAnchors: null }
    const question = { proof: jws, clockMs: NOW, ...nothing }
    const sha256 = createHash('sha256').update(content).digest('hex')
    expect(
      await verifyProvenance({ ...question, sha256 }, { ...fixture.sources, readIdentity: blind }),
    ).toMatchObject({ verdict: 'INDETERMINATE', failures: [{ code: 'MODEL_UNDETERMINED' }] })
  })
})

describe('a time-stamp within what is indexed', () => {
  const stampedAt = (time: string) => {
    const { jws, content } = fixture.storyProof(3)
    const token = makeTimestamp({ stamped: Buffer.from(jws, 'latin1'), timeMs: Date.parse(time) })
    return fixture.prove(jws, content, { timestamps: [token], timestampAnchors: [STAMP_ROOT.der] })
  }

  test('counts: a proof without anchor, stamped while its signer was good, is valid', async () => {
    expect(await stampedAt('2026-11-19T19:25:54Z')).toMatchObject({
      verdict: 'VALID',
      failures: [],
      time: { evidence: 'TIMESTAMP', provenAtMs: Date.parse('2026-11-19T19:25:54Z'), anchor: null },
      asOf: { height: 275 },
    })
  })

  test('stamped after the revocation it is invalid', async () => {
    const answer = await stampedAt('2026-11-19T19:25:55Z')
    expect(answer).toMatchObject({ verdict: 'INVALID', time: { evidence: 'TIMESTAMP' } })
    expect(answer.failures.map(({ code }) => code)).toContain('SIGNER_NOT_GOOD')
  })
})
