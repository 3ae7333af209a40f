import type {
  AutoIdStatus,
  CallStatus,
  Continuity,
  EventKind,
  Outcome,
  Severity,
  Verdict,
} from '../gql/graphql'
import { t } from '../text/text'
import { Icon, type IconName } from './icon'

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'idle'
type Look = { readonly tone: Tone; readonly icon: IconName }

type BadgeProps = { readonly look: Look; readonly text: string; readonly isBig?: boolean }

function Badge({ look, text, isBig = false }: BadgeProps) {
  return (
    <span className={`badge tone-${look.tone}${isBig ? ' badge--big' : ''}`}>
      <Icon name={look.icon} size={isBig ? 20 : 13} />
      {text}
    </span>
  )
}

export const statusLooks: Readonly<Record<AutoIdStatus, Look>> = {
  ACTIVE: { tone: 'good', icon: 'check' },
  NOT_YET_VALID: { tone: 'warn', icon: 'clock' },
  EXPIRED: { tone: 'warn', icon: 'clock' },
  REVOKED: { tone: 'bad', icon: 'cross' },
  DEACTIVATED: { tone: 'idle', icon: 'off' },
}

type StatusProps = { readonly status: AutoIdStatus; readonly isBig?: boolean }

export function StatusBadge({ status, isBig = false }: StatusProps) {
  return <Badge look={statusLooks[status]} text={t(`status.${status}`)} isBig={isBig} />
}

export const verdictLooks: Readonly<Record<Verdict, Look>> = {
  VALID: { tone: 'good', icon: 'check' },
  INVALID: { tone: 'bad', icon: 'cross' },
  INDETERMINATE: { tone: 'warn', icon: 'question' },
}

type VerdictProps = { readonly verdict: Verdict; readonly isBig?: boolean }

export function VerdictBadge({ verdict, isBig = false }: VerdictProps) {
  return <Badge look={verdictLooks[verdict]} text={t(`verdict.${verdict}`)} isBig={isBig} />
}

const outcomeLooks: Readonly<Record<Outcome, Look>> = {
  PASSED: { tone: 'good', icon: 'check' },
  FAILED: { tone: 'bad', icon: 'cross' },
  SKIPPED: { tone: 'idle', icon: 'minus' },
}

type OutcomeProps = { readonly outcome: Outcome; readonly isUndetermined: boolean }

/** A check that could not be done is no harmless omission: the verdict cannot be VALID. */
export function OutcomeBadge({ outcome, isUndetermined }: OutcomeProps) {
  if (isUndetermined) return <Badge look={undetermined} text={t('outcome.UNDETERMINED')} />
  return <Badge look={outcomeLooks[outcome]} text={t(`outcome.${outcome}`)} />
}

const undetermined: Look = { tone: 'warn', icon: 'question' }

export const severityLooks: Readonly<Record<Severity, Look>> = {
  CRITICAL: { tone: 'bad', icon: 'warning' },
  WARNING: { tone: 'warn', icon: 'warning' },
  INFO: { tone: 'info', icon: 'info' },
}

export function SeverityBadge({ severity }: { readonly severity: Severity }) {
  return <Badge look={severityLooks[severity]} text={t(`severity.${severity}`)} />
}

export const eventLooks: Readonly<Record<EventKind, Look>> = {
  REGISTERED: { tone: 'good', icon: 'plus' },
  RENEWED: { tone: 'info', icon: 'renew' },
  REVOKED: { tone: 'bad', icon: 'cross' },
  DEACTIVATED: { tone: 'idle', icon: 'off' },
}

export function EventBadge({ kind }: { readonly kind: EventKind }) {
  return <Badge look={eventLooks[kind]} text={t(`event.${kind}`)} />
}

const callLooks: Readonly<Record<CallStatus, Look>> = {
  FAILED: { tone: 'bad', icon: 'cross' },
  REVERTED: { tone: 'warn', icon: 'renew' },
  NOT_EXECUTED: { tone: 'idle', icon: 'minus' },
}

export function CallBadge({ status }: { readonly status: CallStatus }) {
  return <Badge look={callLooks[status]} text={t(`callStatus.${status}`)} />
}

const continuityLooks: Readonly<Record<Continuity, Look>> = {
  FIRST: { tone: 'idle', icon: 'plus' },
  SAME_KEY: { tone: 'good', icon: 'link' },
  ISSUER_ATTESTED: { tone: 'info', icon: 'link' },
  UNPROVEN: { tone: 'bad', icon: 'warning' },
}

export function ContinuityBadge({ continuity }: { readonly continuity: Continuity }) {
  return <Badge look={continuityLooks[continuity]} text={t(`continuity.${continuity}`)} />
}
