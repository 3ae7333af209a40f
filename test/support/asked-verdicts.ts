/** `verify` asked by GraphQL over the recorded chain, on 1 December 2026 unless a test says otherwise. */

import type { TestApi } from './api'
import { openRecordedApi, type RecordedApi } from './recorded-api'

export type AskedVerdict = {
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

type Asked = { at?: object; knownAt?: object; policy?: object }

export type VerdictApi = RecordedApi & {
  verify(subject: object, asked?: Asked): Promise<AskedVerdict>
  /** Why a question was refused. */
  errorOf(subject: object, asked?: Asked): Promise<unknown>
  /** PEM of an identity's certificate and of all above it. */
  chainPem(autoId: string, block: number): Promise<string>
}

const FIELDS = `verdict indication since until asOf { height } knownAt { height } trustAnchor { id }
  turnedBy { autoIdId block { height } evidence { kind } }
  chain { autoId { id } certificate { serial } }
  failures { code autoIdId evidence { kind } } findings { code severity autoId { id } }`
const VERIFY = `query ($subject: CertificateRef!, $at: PointInTime, $knownAt: PointInTime, $policy: PolicyInput) {
  verify(subject: $subject, at: $at, knownAt: $knownAt, policy: $policy) { ${FIELDS} } }`

export async function askVerdict(
  api: TestApi,
  subject: object,
  asked: Asked = {},
): Promise<AskedVerdict> {
  return (await api.ask<{ verify: AskedVerdict }>(VERIFY, { subject, ...asked })).verify
}

export async function openVerdictApi(): Promise<VerdictApi> {
  const api = await openRecordedApi(Date.parse('2026-12-01T00:00:00Z'))
  return {
    ...api,
    verify: (subject, asked) => askVerdict(api, subject, asked),
    errorOf: async (subject, asked = {}) => {
      const { answer } = await api.post(VERIFY, { subject, ...asked })
      return answer.errors?.[0]?.extensions?.['code']
    },
    chainPem: async (autoId, block) => {
      const query =
        'query ($autoId: ID!, $at: PointInTime) { certificateChain(autoId: $autoId, at: $at) { pem } }'
      const answer = await api.ask<{ certificateChain: { pem: string } }>(query, {
        autoId,
        at: { block },
      })
      return answer.certificateChain.pem
    },
  }
}

export const codes = (list: readonly { code: string }[]) => list.map(({ code }) => code)

/** Before the agent was revoked, in block 276, and not knowing that it would be. */
export const at275 = { at: { block: 275 }, knownAt: { block: 275 } }
