import { useMemo } from 'react'
import { useSearch } from 'wouter'
import { useLocationProperty } from 'wouter/use-browser-location'
import { type CertificateRef, IdentityVerdictDocument } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { type PointInTime, pointInTime, useMoment } from '../logic/moment'
import { unpackPem } from '../logic/pem'
import { policyOf, type Question, readQuestion } from '../logic/policy'
import { t } from '../text/text'
import { ChainAndFindings } from '../ui/chain-and-findings'
import { Page } from '../ui/page'
import { Policy } from '../ui/policy-form'
import { Failure, Loading, Notice, Skeleton } from '../ui/states'
import { ToolTabs } from '../ui/tool-tabs'
import { CheckTables, Failures, VerdictStrip } from '../ui/verification'
import { Subject, useDraft } from '../ui/verify-form'
import { Report, Share } from '../ui/verify-report'

const HEX_ID = /^0x[0-9a-f]{64}$/

/** Verification of an identity or of any certificate, check by check; the address holds it all. */
export default function Verify() {
  const question = readQuestion(useSearch())
  const pem = usePemOfFragment()
  const subject = pem === 'damaged' ? 'bad' : refOf(question.subject, pem)
  const point = pointInTime(useMoment())
  const draft = useDraft(pem === 'damaged' ? '' : (pem ?? question.subject))
  return (
    <Page title={t('nav.verify')} lead={t('verify.lead')}>
      <ToolTabs />
      <Subject {...draft} />
      <Policy question={question} />
      {subject === 'none' || draft.isOther ? null : subject === 'bad' ? (
        <Notice tone="warn" icon="warning">
          {t('verify.badSubject')}
        </Notice>
      ) : question.bad.length > 0 ? (
        <Notice tone="warn" icon="warning">
          {t('verify.badRule')} <code>{question.bad.join(', ')}</code>
        </Notice>
      ) : (
        // Another question starts empty: the verdict of the one before is none of its.
        <Answer
          key={JSON.stringify([subject, question, point])}
          {...{ subject, question, point }}
        />
      )}
    </Page>
  )
}

/** Certificates that cannot be unpacked are not nothing: no other question is answered in their place. */
function usePemOfFragment(): string | 'damaged' | undefined {
  const hash = useLocationProperty(() => location.hash)
  return useMemo(() => {
    const packed = new URLSearchParams(hash.slice(1)).get('pem')
    return packed === null ? undefined : (unpackPem(packed) ?? 'damaged')
  }, [hash])
}

/** An id and a fingerprint look alike: the page asks for the identity first, then the certificate. */
function refOf(text: string, pem: string | undefined): CertificateRef | 'none' | 'bad' {
  if (pem !== undefined) return { pem }
  if (text === '') return 'none'
  const hex = text.toLowerCase()
  if (!HEX_ID.test(hex)) return 'bad'
  return { autoId: hex }
}

type AnswerProps = {
  readonly subject: CertificateRef
  readonly question: Question
  readonly point: PointInTime | undefined
}

function Answer({ subject, question, point }: AnswerProps) {
  const { knownBlock } = question
  const policy = policyOf(question)
  const how = {
    policy,
    ...(point ? { at: point } : {}),
    ...(knownBlock === undefined ? {} : { knownAt: { block: knownBlock } }),
  }
  const isLive = point === undefined
  const first = useLive(IdentityVerdictDocument, { subject, ...how }, { isLive })
  const isUnknownId =
    first.error?.graphQLErrors[0]?.extensions['code'] === 'NOT_FOUND' && 'autoId' in subject
  const other = { fingerprint: question.subject.toLowerCase() }
  const second = useLive(
    IdentityVerdictDocument,
    { subject: other, ...how },
    { isLive, isPaused: !isUnknownId },
  )
  const state = isUnknownId ? second : first
  if (state.error !== undefined) {
    return (
      <div className="card">
        <Failure error={state.error} onRetry={state.retry} />
      </div>
    )
  }
  const result = state.data?.verify
  if (result === undefined) {
    return (
      <Loading>
        <Skeleton lines={6} height={72} />
      </Loading>
    )
  }
  return (
    <>
      <Report question={question} result={result} />
      <VerdictStrip result={result} />
      <Share result={result} />
      <Failures result={result} />
      <ChainAndFindings result={result} />
      <CheckTables result={result} />
    </>
  )
}
