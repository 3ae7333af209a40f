/** What tests of tokens and proofs share: the recorded chain in an index, and who asks of it. */

import { createHash, createPrivateKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { anchorFinder, identityReader, signersFinder } from '../../src/api/authority'
import { createSession, type Session } from '../../src/api/session'
import type { ReadIdentity } from '../../src/tokens/identity'
import { verifyProvenance } from '../../src/tokens/provenance'
import type {
  ProvenanceQuestion,
  ProvenanceResult,
  ProvenanceSources,
} from '../../src/tokens/provenance-types'
import { openTestApi, type TestApi } from './api'
import { indexDevChain } from './indexed-dev-chain'
import { createTestDatabase } from './postgres'
import { pemOf, story } from './story'

/** Two minutes after the head's own clock. */
export const NOW = Date.parse('2026-11-19T19:29:00Z')

export type AuthorityFixture = {
  readonly api: TestApi
  readonly readIdentity: ReadIdentity
  readonly sources: ProvenanceSources
  /** Asks about a proof, the content given as it is. */
  prove(
    proof: string,
    content: string | null,
    more?: Partial<ProvenanceQuestion>,
  ): Promise<ProvenanceResult>
  storyProof(index: number): { content: string; jws: string }
  /** A proof over the text `x`. */
  claim(autoId: string, model?: string, iat?: number): Promise<string>
  close(): Promise<void>
}

export async function openAuthorityFixture(): Promise<AuthorityFixture> {
  const database = await createTestDatabase()
  await indexDevChain(database.url)
  const api = openTestApi(database.url, { nowMs: () => NOW })
  const readIdentity: ReadIdentity = (autoId, at) =>
    inSession(api, (session) => identityReader(session)(autoId, at))
  const sources: ProvenanceSources = {
    readIdentity,
    findAnchors: (digest) => inSession(api, (session) => anchorFinder(session)(digest)),
    findSigners: (fingerprint) => inSession(api, (session) => signersFinder(session)(fingerprint)),
  }
  return {
    api,
    readIdentity,
    sources,
    prove: (proof, content, more = {}) =>
      verifyProvenance(questionOf(proof, content, more), sources),
    storyProof: (index) => story.proofs[index] ?? { content: '', jws: '' },
    claim: (autoId, model, iat) => claim(autoId, pemOf(autoId), autoId === story.agent, model, iat),
    close: async () => {
      await api.close()
      await database.close()
    },
  }
}

/** As the resolvers ask, in a snapshot of its own. */
async function inSession<T>(api: TestApi, ask: (session: Session) => Promise<T>): Promise<T> {
  const snapshot = await api.openSnapshot({ minBlock: null, maxLagSeconds: null })
  try {
    return await ask(createSession(snapshot, NOW, () => 0))
  } finally {
    await snapshot.close()
  }
}

/** Another key may have taken over the root of each. */
export function doubting(readIdentity: ReadIdentity): ReadIdentity {
  return async (autoId, at) => {
    const identity = await readIdentity(autoId, at)
    return identity === null ? null : { ...identity, isAnchorDoubtful: true }
  }
}

function questionOf(
  proof: string,
  content: string | null,
  more: Partial<ProvenanceQuestion>,
): ProvenanceQuestion {
  const sha256 = content === null ? null : createHash('sha256').update(content).digest('hex')
  const nothing = { timestamps: [], timestampAnchors: [], trustAnchors: null }
  return { proof, sha256, clockMs: NOW, ...nothing, ...more }
}

function claim(autoId: string, key: string, isEdwards: boolean, model?: string, iat?: number) {
  return new SignJWT({
    sub: autoId,
    sha256: createHash('sha256').update('x').digest('hex'),
    ...(model === undefined ? {} : { model }),
    ...(iat === undefined ? {} : { iat }),
  })
    .setProtectedHeader({
      alg: isEdwards ? 'EdDSA' : 'RS256',
      kid: autoId,
      typ: 'autoid-provenance+jwt',
    })
    .sign(createPrivateKey(key))
}
