import type { VerificationFieldsFragment } from '../gql/graphql'
import { pageUrl } from '../logic/base'
import { utcTime } from '../logic/format'
import { useMoment } from '../logic/moment'
import { profileOf, type Question } from '../logic/policy'
import { type TextKey, t } from '../text/text'
import { Copy } from './copy'
import { Facts } from './facts'
import { Icon } from './icon'
import { Name } from './name'
import { ruleText } from './policy-form'

type ResultProps = { readonly result: VerificationFieldsFragment }

/** The question by which tomorrow gives today's answer: the clock of the verdict stands in it. */
function pinnedLink(result: VerificationFieldsFragment, isPinned: boolean): string {
  if (isPinned) return location.href
  const search = new URLSearchParams(location.search)
  search.set('time', result.at)
  return pageUrl(`/verify?${search}${location.hash}`)
}

function usePinnedLink(result: VerificationFieldsFragment): string {
  return pinnedLink(result, useMoment().kind !== 'head')
}

export function Share({ result }: ResultProps) {
  return (
    <div className="row no-print">
      <Copy text={usePinnedLink(result)} what={t('verify.link')} isNamed />
      <button type="button" className="button" onClick={() => window.print()}>
        <Icon name="print" /> {t('verify.print')}
      </button>
    </div>
  )
}

type ReportProps = ResultProps & { readonly question: Question }

/** The head of the printed page: what was asked, by which rules, and where to ask it again. */
export function Report({ question, result }: ReportProps) {
  const link = usePinnedLink(result)
  const [leaf] = result.chain
  const rules = Object.entries(question.rules).filter(([name]) => name !== 'profile')
  return (
    <div className="print-only">
      <Facts
        facts={[
          [
            t('verify.subject'),
            <Name
              key="s"
              value={leaf?.autoId?.commonName ?? leaf?.certificate?.subject ?? question.subject}
            />,
          ],
          [t('list.id'), leaf?.autoId == null ? null : <code key="i">{leaf.autoId.id}</code>],
          [
            t('certificate.fingerprint'),
            leaf?.certificate?.fingerprint == null ? null : (
              <code key="f">{leaf.certificate.fingerprint}</code>
            ),
          ],
          [t('policy.profile'), t(`policy.profile.${profileOf(question)}`)],
          ...rules.map(
            ([name, value]) => [t(`policy.${name}` as TextKey), ruleText(name, value)] as const,
          ),
          [t('policy.known'), question.knownBlock ?? null],
          [t('verify.clock'), utcTime(result.at)],
          [t('verify.again'), <code key="l">{link}</code>],
        ]}
      />
    </div>
  )
}
