import type { FindingCode, LaterRevocation, PolicyInput, Profile, Severity } from '../gql/graphql'
import { oneOf } from './one-of'

/** A rule of the policy as it stands in the address; empty: as the API has it. */
export type Rule = {
  /** Address parameter, and key of its label `policy.<name>`. */
  readonly name: string
  readonly kind: 'number' | 'list' | 'choice'
  /** For a choice: its values, labelled `policy.<name>.<value>`. */
  readonly values?: readonly string[]
  /** Asked for by this profile only. */
  readonly profile?: Profile
  readonly write: (value: string) => PolicyInput
}

const profiles: readonly Profile[] = ['REGISTRY', 'RFC5280']
const laterChoices: readonly LaterRevocation[] = ['WARN', 'IGNORE', 'REJECT']
const severities: readonly Severity[] = ['CRITICAL', 'WARNING', 'INFO']

/** The rules that stand in sight, the first value of each being the usual one. */
export const mainRules: readonly Rule[] = [
  { ...choice('profile', profiles), write: (value) => ({ profile: value as Profile }) },
  list('anchors', (trustAnchors) => ({ trustAnchors })),
  { ...choice('final', ['0', '1']), write: (value) => ({ requireFinal: value === '1' }) },
  {
    ...choice('later', laterChoices),
    write: (value) => ({ laterRevocation: value as LaterRevocation }),
  },
]

export const moreRules: readonly Rule[] = [
  {
    ...choice('reject', ['', ...severities]),
    write: (value) => ({ rejectSeverity: value as Severity }),
  },
  list('findings', (codes) => ({ rejectFindings: codes as FindingCode[] })),
  list('anchorkeys', (trustAnchorKeys) => ({ trustAnchorKeys })),
  number('pathlen', (maxPathLength) => ({ maxPathLength })),
  number('rsa', (minRsaBits) => ({ minRsaBits })),
  number('ec', (minEcBits) => ({ minEcBits })),
  { ...choice('sha1', ['1', '0']), write: (value) => ({ allowSha1: value === '1' }) },
  number('minissuers', (minIssuers) => ({ minIssuers })),
  list('issuers', (issuers) => ({ issuers })),
  number('maxmembers', (maxMembers) => ({ maxMembers })),
  list('usage', (keyUsage) => ({ keyUsage }), 'RFC5280'),
  list('purpose', (extendedKeyUsage) => ({ extendedKeyUsage }), 'RFC5280'),
  list('policies', (initialPolicySet) => ({ initialPolicySet }), 'RFC5280'),
  flag('explicit', (requireExplicitPolicy) => ({ requireExplicitPolicy })),
  flag('nomapping', (inhibitPolicyMapping) => ({ inhibitPolicyMapping })),
  flag('noany', (inhibitAnyPolicy) => ({ inhibitAnyPolicy })),
]

const rules = [...mainRules, ...moreRules]

function choice(name: string, values: readonly string[]) {
  return { name, kind: 'choice', values } as const
}

function number(name: string, policy: (value: number) => PolicyInput): Rule {
  return { name, kind: 'number', write: (value) => policy(Number(value)) }
}

function list(name: string, policy: (value: string[]) => PolicyInput, profile?: Profile): Rule {
  const write = (value: string) => policy(words(value))
  return { name, kind: 'list', write, ...(profile === undefined ? {} : { profile }) }
}

function flag(name: string, policy: (value: boolean) => PolicyInput): Rule {
  const write = (value: string) => policy(value === '1')
  return { ...choice(name, ['0', '1']), profile: 'RFC5280', write }
}

function words(value: string): string[] {
  return value.split(/[\s,]+/).filter((word) => word !== '')
}

/** What to verify and how strictly, as it stands in the address of the verification page. */
export type Question = {
  readonly subject: string
  /** Values of rules by name; those at their usual value are left out. */
  readonly rules: Readonly<Record<string, string>>
  /** Height of what is known since; undefined: the head. */
  readonly knownBlock: number | undefined
  /** Parameters that cannot be understood: a rule is never dropped in silence, it may be what refuses. */
  readonly bad: readonly string[]
}

export function readQuestion(search: string): Question {
  const params = new URLSearchParams(search)
  const given = rules
    .map(({ name }) => [name, params.get(name)?.trim() ?? ''] as const)
    .filter(([, value]) => value !== '')
  const known = params.get('known') ?? ''
  const isKnownBad = known !== '' && !/^\d{1,10}$/.test(known)
  return {
    subject: params.get('subject')?.trim() ?? '',
    rules: Object.fromEntries(given),
    knownBlock: known === '' || isKnownBad ? undefined : Number(known),
    bad: [
      ...given.filter(([name, value]) => !isUsable(name, value)).map(([name]) => name),
      ...(isKnownBad ? ['known'] : []),
    ],
  }
}

function isUsable(name: string, value: string): boolean {
  const rule = rules.find((each) => each.name === name)
  if (rule?.kind === 'number') return /^\d{1,6}$/.test(value)
  return rule?.values === undefined || rule.values.includes(value)
}

export function policyOf(question: Question): PolicyInput {
  const parts = rules.map(({ name, write }) => {
    const value = question.rules[name]
    return value === undefined ? {} : write(value)
  })
  return Object.assign({}, ...parts) as PolicyInput
}

export function profileOf(question: Question): Profile {
  return oneOf(question.rules['profile'] ?? '', profiles) ?? 'REGISTRY'
}
