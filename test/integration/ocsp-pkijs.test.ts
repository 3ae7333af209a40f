/** OCSP asked and judged by another implementation, pkijs, which shares no code with ours. */

import { BasicOCSPResponse, Certificate, getCrypto, OCSPRequest, OCSPResponse } from 'pkijs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RecordedService, startRecordedService } from '../support/recorded-service'
import { story } from '../support/story'

let service: RecordedService

beforeAll(async () => {
  service = await startRecordedService()
})

afterAll(async () => {
  await service?.close()
})

/** The identity's certificate, then its issuer's, at block 272: the agent was not revoked yet. */
async function chainOf(autoId: string): Promise<[Certificate, Certificate]> {
  const answer = await fetch(`${service.url}/autoid/${autoId}.chain.pem?block=272`)
  const pems = (await answer.text()).match(/-----BEGIN[^-]+-----[^-]+/g) ?? []
  const [leaf, issuer] = pems.map((pem) =>
    Certificate.fromBER(Buffer.from(pem.replace(/-----[^-]+-----/, ''), 'base64')),
  )
  if (leaf === undefined || issuer === undefined) throw new Error(`no chain of ${autoId}`)
  return [leaf, issuer]
}

async function ask(certificate: Certificate, issuer: Certificate): Promise<BasicOCSPResponse> {
  const request = new OCSPRequest()
  await request.createForCertificate(certificate, {
    hashAlgorithm: 'SHA-256',
    issuerCertificate: issuer,
  })
  const answer = await fetch(`${service.url}/ocsp`, {
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request' },
    body: request.toSchema(true).toBER(),
  })
  const response = OCSPResponse.fromBER(await answer.arrayBuffer())
  if (response.responseBytes === undefined) throw new Error('no basic response')
  return BasicOCSPResponse.fromBER(
    new Uint8Array(response.responseBytes.response.valueBlock.valueHexView),
  )
}

const GOOD = 0
const REVOKED = 1

describe('pkijs as an OCSP client', () => {
  test('verifies the response under our responder and reads GOOD and REVOKED', async () => {
    for (const [autoId, status] of [
      [story.service, GOOD],
      [story.agent, REVOKED],
    ] as const) {
      const [leaf, issuer] = await chainOf(autoId)
      const response = await ask(leaf, issuer)
      expect(await isSignedByResponder(response)).toBe(true)
      expect(await response.getCertificateStatus(leaf, issuer)).toEqual({
        isForCertificate: true,
        status,
      })
    }
  })

  test('finds no answer for another certificate, and refuses a changed response', async () => {
    const [leaf, issuer] = await chainOf(story.service)
    const [other, otherIssuer] = await chainOf(story.agent)
    const response = await ask(leaf, issuer)
    expect((await response.getCertificateStatus(other, otherIssuer)).isForCertificate).toBe(false)
    const changed = new Uint8Array(response.signature.valueBlock.valueHexView)
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    response.signature.valueBlock.valueHexView = changed
    expect(await isSignedByResponder(response)).toBe(false)
  })
})

async function responder(): Promise<Certificate> {
  const pem = await (await fetch(`${service.url}/responder.pem`)).text()
  return Certificate.fromBER(Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64'))
}

/** Not by `response.verify`: pkijs takes only a CA for a trusted responder, and ours is none. */
async function isSignedByResponder(response: BasicOCSPResponse): Promise<boolean> {
  const { subjectPublicKeyInfo } = await responder()
  const { tbsResponseData, signature, signatureAlgorithm } = response
  const signed = tbsResponseData.toSchema().toBER()
  const crypto = getCrypto(true)
  return crypto.verifyWithPublicKey(signed, signature, subjectPublicKeyInfo, signatureAlgorithm)
}
