/** Proofs as CMS signatures and time-stamps of RFC 3161, both made by openssl. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodePemCertificates } from '../../src/pki/pem'
import type { IdentityAt } from '../../src/tokens/identity'
import { verifyProvenance } from '../../src/tokens/provenance'
import type { ProvenanceQuestion } from '../../src/tokens/provenance-types'
import { type AuthorityFixture, openAuthorityFixture } from '../support/authority'
import { pemOf, story } from '../support/story'

const run = promisify(execFile)
/** openssl signs by the machine's clock: no test asks by an earlier one. */
const LATER = Date.UTC(2100, 0, 1)
let fixture: AuthorityFixture

beforeAll(async () => {
  fixture = await openAuthorityFixture()
})

afterAll(() => fixture?.close())

const prove = (proof: string, content: string, more: Partial<ProvenanceQuestion> = {}) =>
  fixture.prove(proof, content, { clockMs: LATER, ...more })

describe('CMS and RFC 3161, made by openssl', () => {
  let directory: string
  /** A command line, parted at its blanks. */
  const openssl = (line: string) => run('openssl', line.split(' '), { cwd: directory })
  const content = 'A file signed with CMS.\n'
  const SIGN = 'cms -sign -binary -in file.txt -outform PEM'
  let cms: string

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'cms-test-'))
    const save = (name: string, text: string | Uint8Array) =>
      writeFile(path.join(directory, name), text)
    const client = await fixture.readIdentity(story.client, null)
    await save('client.der', client?.certificate ?? '')
    await openssl('x509 -inform DER -in client.der -out client.pem')
    await save('client.key', pemOf(story.client))
    await save('file.txt', content)
    await openssl(`${SIGN} -signer client.pem -inkey client.key -md sha256 -out file.cms`)
    cms = await readFile(path.join(directory, 'file.cms'), 'utf8')
    await save('tsa.cnf', TSA_CONFIG)
    await save('serial', '01')
    const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
    await openssl(
      `req -x509 ${newKey} -keyout ca.key -out ca.pem -subj /CN=Stamp-root -days 30 -config tsa.cnf -extensions ca`,
    )
    await openssl(
      `req -new ${newKey} -keyout tsa.key -out tsa.csr -subj /CN=Stamps -config tsa.cnf`,
    )
    await openssl(
      'x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -days 30 -out tsa.pem -extfile tsa.cnf -extensions stamper',
    )
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  async function stamp(bytes: Uint8Array): Promise<Uint8Array> {
    await writeFile(path.join(directory, 'stamped'), bytes)
    await openssl('ts -query -data stamped -sha256 -cert -out q.tsq')
    await openssl('ts -reply -config tsa.cnf -queryfile q.tsq -token_out -out token.der')
    return new Uint8Array(await readFile(path.join(directory, 'token.der')))
  }

  test('a certificate that two identities registered: the worst of those that count, and the others are told', async () => {
    const twin = `0x${'77'.repeat(32)}`
    const ask = (
      changes: Record<string, Partial<IdentityAt> | null>,
      trustAnchors: string[] | null,
      signers = [twin, story.client],
    ) =>
      verifyProvenance(
        {
          proof: cms,
          sha256: createHash('sha256').update(content).digest('hex'),
          timestamps: [],
          timestampAnchors: [],
          trustAnchors,
          clockMs: LATER,
        },
        {
          ...fixture.sources,
          findSigners: async () => signers,
          readIdentity: async (autoId, at) => {
            const identity = await fixture.readIdentity(story.client, at)
            const change = changes[autoId]
            return identity === null || change === null ? null : { ...identity, ...change, autoId }
          },
        },
      )
    const revoked = { verdict: 'INVALID', fault: { code: 'NOT_REVOKED', message: '' } } as const
    const elsewhere = { trustAnchor: story.partner }
    const good = await ask({}, null)
    expect([good.verdict, good.findings.map(({ code }) => code)]).toEqual([
      'VALID',
      ['TIME_ONLY_CLAIMED', 'SIGNER_AMBIGUOUS'],
    ])
    const bad = await ask({ [story.client]: revoked }, null)
    expect(bad).toMatchObject({
      verdict: 'INDETERMINATE',
      signer: story.client,
      failures: [{ code: 'TIME_ONLY_CLAIMED' }],
      findings: [{ code: 'SIGNER_AMBIGUOUS' }],
    })
    const anchored = await ask({ [twin]: { ...revoked, ...elsewhere } }, [story.organisation])
    expect(anchored).toMatchObject({ verdict: 'VALID', signer: story.client })
    const later = await ask({ [twin]: null }, null)
    expect(later).toMatchObject({ verdict: 'VALID', signer: story.client })
    const crowd = Array.from({ length: 20 }, (_, n) => `0x${String(n).padStart(64, '0')}`)
    const many = await ask({}, null, [story.client, ...crowd])
    expect(many).toMatchObject({
      verdict: 'INDETERMINATE',
      failures: [{ code: 'SIGNER_UNDETERMINED' }],
    })
    const none = await ask({ [twin]: null, [story.client]: null }, null)
    expect(none).toMatchObject({ verdict: 'INVALID', failures: [{ code: 'SIGNER_UNKNOWN' }] })
  })

  test('a detached CMS signature by a registered certificate is a proof', async () => {
    expect(await prove(cms, content)).toMatchObject({
      verdict: 'VALID',
      signer: story.client,
      contentMatches: true,
      findings: [{ code: 'TIME_ONLY_CLAIMED' }],
    })
    expect((await prove(cms, 'other')).failures).toMatchObject([{ code: 'CONTENT_MISMATCH' }])
  })

  test("the signing time of a CMS is its signer's claim and nothing more (RFC 5652 §11.3)", async () => {
    const printed = await openssl('cms -cmsout -print -inform PEM -in file.cms')
    const claimedAtMs = Date.parse(
      /signingTime[\s\S]*?UTCTIME: *(.*)/.exec(printed.stdout)?.[1] ?? '',
    )
    const answer = await prove(cms, content)
    expect(answer).toMatchObject({ claimedAtMs, time: { evidence: 'NONE', provenAtMs: null } })
    expect(answer.findings.map(({ code }) => code)).toContain('TIME_ONLY_CLAIMED')
    const early = await prove(cms, content, { clockMs: claimedAtMs - 61_000 })
    expect(early).toMatchObject({
      verdict: 'INVALID',
      failures: [{ code: 'TIME_CLAIM_IMPOSSIBLE' }],
    })
    expect((await prove(cms, content, { clockMs: claimedAtMs - 60_000 })).verdict).toBe('VALID')
  })

  test('a CMS over SHA-512 is compared with that digest; without it the content is undetermined', async () => {
    await openssl(`${SIGN} -signer client.pem -inkey client.key -md sha512 -out file512.cms`)
    const proof = await readFile(path.join(directory, 'file512.cms'), 'utf8')
    expect(await prove(proof, content)).toMatchObject({
      verdict: 'INDETERMINATE',
      failures: [{ code: 'CONTENT_UNDETERMINED' }],
      contentMatches: null,
    })
    const sha512 = (text: string) => createHash('sha512').update(text).digest('hex')
    expect(await prove(proof, content, { sha512: sha512(content) })).toMatchObject({
      verdict: 'VALID',
      contentMatches: true,
    })
    expect(await prove(proof, content, { sha512: sha512('other') })).toMatchObject({
      verdict: 'INVALID',
      failures: [{ code: 'CONTENT_MISMATCH' }],
    })
  })

  test('a signature by a certificate the registry never saw is no proof', async () => {
    await openssl(`${SIGN} -signer ca.pem -inkey ca.key -md sha256 -out foreign.cms`)
    const foreign = await readFile(path.join(directory, 'foreign.cms'), 'utf8')
    const answer = await prove(foreign, content)
    expect(answer).toMatchObject({ verdict: 'INVALID', failures: [{ code: 'PROOF_MALFORMED' }] })
  })

  test('a time-stamp counts only under a trusted root, and only over these bytes', async () => {
    const { jws, content: post } = fixture.storyProof(3)
    const bytes = Buffer.from(jws, 'latin1')
    const root = decodePemCertificates(await readFile(path.join(directory, 'ca.pem'), 'utf8'))
    const unknownRoot = await prove(jws, post, { timestamps: [await stamp(bytes)] })
    expect(unknownRoot.findings.map(({ code }) => code)).toContain('TIMESTAMP_NOT_USABLE')
    expect(unknownRoot.findings.map(({ code }) => code)).not.toContain(
      'TIMESTAMP_REVOCATION_NOT_CHECKED',
    )
    expect(unknownRoot.time.evidence).toBe('NONE')
    const otherBytes = await prove(jws, post, {
      timestamps: [await stamp(Buffer.from('x'))],
      timestampAnchors: root,
    })
    expect(otherBytes.findings[0]).toMatchObject({ message: 'the token is about other bytes' })
  })

  test('a time-stamp later than the indexed head is undetermined, not an error', async () => {
    const root = decodePemCertificates(await readFile(path.join(directory, 'ca.pem'), 'utf8'))
    const { jws, content: post } = fixture.storyProof(3)
    const timestamps = [await stamp(Buffer.from(jws, 'latin1'))]
    expect(await prove(jws, post, { timestamps, timestampAnchors: root })).toMatchObject({
      verdict: 'INDETERMINATE',
      failures: [{ code: 'TIME_PAST_INDEX' }],
      findings: [{ code: 'TIMESTAMP_REVOCATION_NOT_CHECKED' }, { code: 'MODEL_ATTESTED' }],
      time: { evidence: 'TIMESTAMP' },
      asOf: { height: 282 },
    })
    // What is wrong whatever the time stays wrong.
    const other = await prove(jws, 'other', { timestamps, timestampAnchors: root })
    expect(other.verdict).toBe('INVALID')
  })
})

const TSA_CONFIG = `
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamper]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = critical,CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = stamps
[stamps]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
accuracy = secs:1, millisecs:500, microsecs:100
`
