import type { LaterRevocation, PolicyInput, Profile } from '../gql/graphql'
import { oneOf } from './one-of'

/** What to verify and how strictly, as it stands in the address of the verification page. */
export type Question = {
  readonly subject: string
  readonly profile: Profile
  readonly anchors: readonly string[]
  readonly isFinalRequired: boolean
  readonly later: LaterRevocation
}

export const profiles: readonly Profile[] = ['REGISTRY', 'RFC5280']
export const laterChoices: readonly LaterRevocation[] = ['WARN', 'IGNORE', 'REJECT']

export function readQuestion(search: string): Question {
  const params = new URLSearchParams(search)
  return {
    subject: params.get('subject')?.trim() ?? '',
    profile: oneOf(params.get('profile') ?? '', profiles) ?? 'REGISTRY',
    anchors: (params.get('anchors') ?? '').split(/[\s,]+/).filter((anchor) => anchor !== ''),
    isFinalRequired: params.get('final') === '1',
    later: oneOf(params.get('later') ?? '', laterChoices) ?? 'WARN',
  }
}

/** The question as address parameters; defaults are left out. */
export function writeQuestion(question: Question, rest: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(rest)
  const values = {
    subject: question.subject,
    profile: question.profile === 'REGISTRY' ? '' : question.profile,
    anchors: question.anchors.join(','),
    final: question.isFinalRequired ? '1' : '',
    later: question.later === 'WARN' ? '' : question.later,
  }
  for (const [name, value] of Object.entries(values)) {
    if (value === '') next.delete(name)
    else next.set(name, value)
  }
  return next
}

export function policyOf(question: Question): PolicyInput {
  return {
    profile: question.profile,
    requireFinal: question.isFinalRequired,
    laterRevocation: question.later,
    ...(question.anchors.length === 0 ? {} : { trustAnchors: [...question.anchors] }),
  }
}
