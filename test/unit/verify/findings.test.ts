import { describe, expect, it } from 'vitest'
import { ADVISORIES, type AdvisoryCode } from '../../../src/registry/advisory'
import {
  findingEntry,
  VERDICT_FINDINGS,
  type VerdictFindingCode,
} from '../../../src/verify/finding-codes'
import type { Policy } from '../../../src/verify/policy'
import {
  type Asked,
  eventAt,
  historyOf,
  laterOf,
  leaf,
  middle,
  registrationOf,
  revocationOf,
  root,
  verdictOn,
} from '../../support/evidence'

const codesOf = (asked: Asked, policy?: Partial<Policy>) =>
  verdictOn(asked, policy).findings.map(({ code }) => code)
const advisory = (
  code: AdvisoryCode,
  autoId = leaf.autoId,
  certificateId: string | null = null,
) => ({
  code,
  severity: ADVISORIES[code].severity,
  eventId: eventAt(30).eventId,
  autoId,
  certificateId,
  facts: {},
})

describe('findings recorded when the chain accepted an operation', () => {
  it.each(Object.keys(ADVISORIES) as AdvisoryCode[])(
    '%s is passed on, of the target and of its issuers, and by itself changes no verdict',
    (code) => {
      for (const autoId of [leaf.autoId, root.autoId]) {
        const result = verdictOn({ advisories: [advisory(code, autoId)] })
        const finding = result.findings.find((found) => found.code === code)
        expect(finding).toMatchObject({
          severity: ADVISORIES[code].severity,
          autoId,
          eventId: eventAt(30).eventId,
        })
        expect(finding?.message).toContain(ADVISORIES[code].message)
        expect(result.verdict).toBe('VALID')
      }
    },
  )

  it('covers all fourteen quirks of the registry', () => {
    const quirks = new Set(
      Object.values(ADVISORIES).flatMap(({ quirks: of }) => of as readonly number[]),
    )
    // 10 holds for every signed action alike: the verdict's own finding ACTIONS_NAME_NO_CHAIN. Nothing looks at payers.
    expect([...quirks].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14])
  })

  it('what is about the bytes of a replaced certificate is left out; what is about the identity stays', () => {
    const replaced = '0000000001-000000'
    const found = codesOf({
      advisories: [
        advisory('TRAILING_BYTES', leaf.autoId, replaced),
        advisory('ISSUER_NOT_CA', leaf.autoId, leaf.id),
        advisory('REVOKED_IDENTITY_RENEWED', leaf.autoId, replaced),
      ],
    })
    expect(found).not.toContain('TRAILING_BYTES')
    expect(found).toEqual(expect.arrayContaining(['ISSUER_NOT_CA', 'REVOKED_IDENTITY_RENEWED']))
  })

  it('come with the most severe first, then from the leaf up', () => {
    const found = codesOf({
      advisories: [
        advisory('SERIAL_ZERO'),
        advisory('WEAK_KEY', root.autoId),
        advisory('WEAK_KEY', leaf.autoId),
        advisory('ISSUER_REVOKED', middle.autoId),
      ],
    })
    expect(found.slice(0, 3)).toEqual(['ISSUER_REVOKED', 'WEAK_KEY', 'WEAK_KEY'])
  })
})

type Own = { code: VerdictFindingCode; shown: Asked; policy?: Partial<Policy>; hidden: Asked }
const later = (...events: ReturnType<typeof laterOf>[]): Asked => ({
  known: 200,
  history: historyOf({ events }),
})
const own: Own[] = [
  {
    code: 'REVOKED_LATER',
    shown: later(laterOf(leaf, 'REVOKED', 150)),
    hidden: { ...later(laterOf(leaf, 'REVOKED', 150)), known: 149 },
  },
  {
    code: 'SUPERSEDED_LATER',
    shown: later(laterOf(leaf, 'RENEWED', 150)),
    hidden: later(),
  },
  {
    code: 'DEACTIVATED_LATER',
    shown: later(laterOf(middle, 'DEACTIVATED', 150)),
    hidden: later(),
  },
  {
    code: 'TAKEN_OVER_LATER',
    shown: later(laterOf(root, 'REGISTERED', 150, 'another key')),
    hidden: later(laterOf(root, 'REGISTERED', 150)),
  },
  {
    code: 'RE_REGISTERED_LATER',
    shown: later(laterOf(root, 'REGISTERED', 150)),
    hidden: later(laterOf(root, 'REGISTERED', 150, 'another key')),
  },
  {
    code: 'LEFT_ISSUER_LATER',
    shown: later(laterOf(leaf, 'LEFT_ISSUER', 150)),
    hidden: later(laterOf(leaf, 'RENEWED', 150)),
  },
  {
    code: 'LATER_EVENTS_CUT',
    shown: { known: 200, history: historyOf({ isCutLater: true }) },
    hidden: { known: 200, history: historyOf({ areRenewalsCut: true }) },
  },
  {
    code: 'LATER_RENEWALS_CUT',
    shown: { known: 200, history: historyOf({ areRenewalsCut: true }) },
    hidden: { known: 200, history: historyOf({ isCutLater: true }) },
  },
  {
    code: 'FINDINGS_REPEAT',
    shown: { advisories: [advisory('WEAK_KEY')], isCutAdvisories: true },
    hidden: { advisories: [advisory('WEAK_KEY')] },
  },
  {
    code: 'ACTIONS_NAME_NO_CHAIN',
    shown: { history: historyOf({ revocations: [revocationOf(root, 50)] }) },
    hidden: { history: historyOf({ revocations: [revocationOf(root, 50, 'SUPERSEDED')] }) },
  },
  { code: 'NOT_FINAL', shown: { isFinal: false }, hidden: { isFinal: true } },
  {
    code: 'NOT_REBUILDABLE',
    shown: { history: historyOf({ certificates: [{ ...root, der: null }, middle, leaf] }) },
    hidden: {},
  },
  {
    code: 'KEY_SHARED',
    shown: { sharedKeyWith: [leaf.autoId, root.autoId] },
    hidden: { sharedKeyWith: [leaf.autoId] },
  },
]

describe('findings the evidence itself shows', () => {
  it.each(own)('$code is found where it is so, and only there', ({ code, shown, hidden }) => {
    expect(codesOf(shown)).toContain(code)
    expect(codesOf(hidden)).not.toContain(code)
    const finding = verdictOn(shown).findings.find((found) => found.code === code)
    expect(finding?.severity).toBe(VERDICT_FINDINGS[code].severity)
  })

  it('TRUST_IS_THE_CALLERS names the root where no anchors were given', () => {
    const [finding] = verdictOn().findings.filter(({ code }) => code === 'TRUST_IS_THE_CALLERS')
    expect(finding?.autoId).toBe(root.autoId)
    expect(codesOf({}, { trustAnchors: [root.autoId] })).not.toContain('TRUST_IS_THE_CALLERS')
  })

  const nameless = (asked: Asked) =>
    verdictOn(asked).findings.filter(({ code }) => code === 'ACTIONS_NAME_NO_CHAIN')

  it('a signed action names no chain, whoever of the chain it was about and whatever came after (quirk 10)', () => {
    const deactivated = registrationOf(middle, { to: eventAt(40) })
    const again = registrationOf(middle, { id: 'again', ordinal: 2, from: eventAt(45) })
    const renewed = { ...leaf, id: eventAt(60).eventId, serial: '0x4', from: eventAt(60) }
    const registrations = [registrationOf(root), deactivated, again, registrationOf(leaf)]
    const certificates = [root, middle, { ...leaf, to: eventAt(60) }, renewed]
    const revocations = [revocationOf(leaf, 50)]
    const found = nameless({ history: historyOf({ certificates, registrations, revocations }) })
    expect(found).toMatchObject([
      { autoId: leaf.autoId, eventId: eventAt(50, 9).eventId, facts: { block: 50 } },
      { autoId: middle.autoId, eventId: eventAt(40).eventId, facts: { block: 40 } },
    ])
    expect(found[0]?.severity).toBe('INFO')
  })

  it('of many the newest is the evidence; one after the asked moment, in genesis or on another’s serial is none', () => {
    const history = historyOf({
      registrations: [
        registrationOf(root, { to: eventAt(80) }),
        registrationOf(middle),
        registrationOf(leaf),
      ],
      revocations: [revocationOf(root, 50)],
    })
    expect(nameless({ history })).toMatchObject([{ facts: { block: 80 } }])
    expect(nameless({ history, height: 79 })).toMatchObject([{ facts: { block: 50 } }])
    expect(nameless({ history, height: 49, known: 100 })).toEqual([])
    const genesis = [{ ...revocationOf(root, 0), event: null }]
    expect(nameless({ history: historyOf({ revocations: genesis }) })).toEqual([])
    const other = [{ ...revocationOf(leaf, 50), serial: '0x99' }]
    expect(nameless({ history: historyOf({ revocations: other }) })).toEqual([])
  })

  it('every code is tested here, in presented.test.ts or in ambiguity.test.ts', () => {
    const shown = ['FOREIGN_CERTIFICATE_KNOWN_KEY', 'MATCHED_BY_TBS', 'PRESENTED_CHAIN_DIFFERS']
    const foreign = ['ISSUED_OUTSIDE_REGISTRY', 'REFERENCE_AMBIGUOUS']
    const elsewhere = [...shown, ...foreign, 'TRUST_IS_THE_CALLERS']
    expect([...own.map(({ code }) => code), ...elsewhere].sort()).toEqual(
      Object.keys(VERDICT_FINDINGS).sort(),
    )
  })

  it('REVOKED_LATER carries its block and event', () => {
    const result = verdictOn(later(laterOf(leaf, 'REVOKED', 150)))
    const finding = result.findings.find(({ code }) => code === 'REVOKED_LATER')
    expect(finding).toMatchObject({
      facts: { block: 150 },
      eventId: laterOf(leaf, 'REVOKED', 150).eventId,
    })
    expect(finding?.message).toContain('block 150')
  })

  it('a serial listed later by an operation on another identity is found, too (quirk 6)', () => {
    const found = codesOf({
      known: 200,
      history: historyOf({ revocations: [revocationOf(root, 150)] }),
    })
    expect(found).toContain('REVOKED_LATER')
  })

  it('so listed it is revoked also where the other identity renewed; by its own renewal it is superseded', () => {
    const revocations = [revocationOf(root, 150, 'SUPERSEDED')]
    const found = codesOf({ known: 200, history: historyOf({ revocations }) })
    expect(found).toContain('REVOKED_LATER')
    expect(found).not.toContain('SUPERSEDED_LATER')
    const own = { ...laterOf(root, 'RENEWED', 150), ...revocations[0]?.event }
    const renewed = codesOf({ known: 200, history: historyOf({ revocations, events: [own] }) })
    expect(renewed).toContain('SUPERSEDED_LATER')
    expect(renewed).not.toContain('REVOKED_LATER')
  })

  it('a later serial that enters the own list by another’s operation revokes a root, and no leaf (quirk 6)', () => {
    expect(codesOf(later(laterOf(root, 'LISTED', 150)))).toContain('REVOKED_LATER')
    expect(codesOf(later(laterOf(middle, 'LISTED', 150)))).not.toContain('REVOKED_LATER')
  })

  it('IGNORE lowers later events to information, it never hides them', () => {
    const result = verdictOn(later(laterOf(leaf, 'REVOKED', 150)), { laterRevocation: 'IGNORE' })
    const finding = result.findings.find(({ code }) => code === 'REVOKED_LATER')
    expect([result.verdict, finding?.severity]).toEqual(['VALID', 'INFO'])
  })
})

describe('findings the policy rejects (FINDINGS)', () => {
  const asked = { advisories: [advisory('WEAK_KEY')] }
  it('by severity: that one or a worse one', () => {
    expect(findingEntry('WEAK_KEY').severity).toBe('WARNING')
    expect(verdictOn(asked, { rejectSeverity: 'WARNING' }).verdict).toBe('INVALID')
    expect(verdictOn(asked, { rejectSeverity: 'CRITICAL' }).verdict).toBe('VALID')
  })

  it('by code, and names the identity', () => {
    const result = verdictOn(asked, { rejectFindings: ['WEAK_KEY'] })
    expect(result.failures).toMatchObject([{ code: 'FINDINGS', autoId: leaf.autoId }])
    expect(verdictOn(asked, { rejectFindings: ['WEAK_DIGEST'] }).verdict).toBe('VALID')
  })

  it('where not all later events were read, none is not known to be none; more renewals change nothing', () => {
    const policy = { rejectFindings: ['TAKEN_OVER_LATER'] }
    const cut = verdictOn({ known: 200, history: historyOf({ isCutLater: true }) }, policy)
    expect([cut.verdict, cut.failures.map(({ code }) => code)]).toEqual([
      'INDETERMINATE',
      ['FINDINGS'],
    ])
    const renewals = { known: 200, history: historyOf({ areRenewalsCut: true }) }
    expect(verdictOn(renewals, policy).verdict).toBe('VALID')
  })
})
