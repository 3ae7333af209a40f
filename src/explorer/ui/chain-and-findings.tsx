import type { VerificationFieldsFragment } from '../gql/graphql'
import { t } from '../text/text'
import { Card } from './card'
import { Chain } from './chain'
import { Findings } from './verification'

/** Whom it leads up to, and beside it what is known of it. */
export function ChainAndFindings({ result }: { readonly result: VerificationFieldsFragment }) {
  return (
    <div className="grid grid--side">
      <Card title={t('chain.title')}>
        <Chain links={result.chain} />
      </Card>
      <Card title={t('findings.title')}>
        <Findings findings={result.findings} />
      </Card>
    </div>
  )
}
