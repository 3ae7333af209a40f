import { describe, expect, it } from 'vitest'
import { certificateAt, hopsAt } from '../../../src/verify/chain-history'
import { MAX_HOPS } from '../../../src/verify/evidence'
import {
  eventAt,
  evidenceOf,
  historyOf,
  idOf,
  LEAF,
  laterOf,
  leaf,
  middle,
  recordOf,
  registrationOf,
  revocationOf,
  root,
  verdictOn,
} from '../../support/evidence'

/** Registered, deactivated and registered again, all in block 40 (blocks 146 and 147 of the recorded chain). */
const first = { ...leaf, id: eventAt(40, 1).eventId, from: eventAt(40, 1), to: eventAt(40, 2) }
const second = {
  ...leaf,
  id: eventAt(40, 3).eventId,
  from: eventAt(40, 3),
  registrationId: 'second',
  serial: '0x4',
}
const oneBlock = historyOf({
  certificates: [root, middle, first, second],
  registrations: [
    registrationOf(root),
    registrationOf(middle),
    registrationOf(first, { to: eventAt(40, 2) }),
    registrationOf(second, { ordinal: 2 }),
  ],
})

describe('certificateAt', () => {
  it('is the last one up to the block, in force or not, and none before the first', () => {
    expect(certificateAt(historyOf(), leaf.autoId, 29)).toBeUndefined()
    expect(certificateAt(historyOf(), leaf.autoId, 30)?.id).toBe(leaf.id)
    expect(certificateAt(oneBlock, leaf.autoId, 40)?.id).toBe(second.id)
  })
})

describe('hopsAt', () => {
  it('a life within one block: the last registration stands, the first one’s certificate does not', () => {
    expect(verdictOn({ history: oneBlock, height: 40 }).verdict).toBe('VALID')
    const subject = { autoId: leaf.autoId, certificateId: first.id }
    const result = verdictOn({ history: oneBlock, height: 40, subject })
    expect(result.verdict).toBe('INVALID')
    expect(result.failures.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['REGISTERED', 'IN_FORCE']),
    )
  })

  it('shows what came after the block as not yet there', () => {
    const ending = { ...leaf, to: eventAt(90) }
    const history = historyOf({
      certificates: [root, middle, ending],
      registrations: [
        registrationOf(root),
        registrationOf(middle),
        registrationOf(leaf, { to: eventAt(90) }),
      ],
      revocations: [revocationOf(leaf, 95)],
      events: [laterOf(leaf, 'DEACTIVATED', 90)],
    })
    const [hop] = hopsAt(history, { autoId: leaf.autoId }, 89, 89)
    expect(hop).toMatchObject({ isActive: true, revocation: null, later: [] })
    expect(hop?.registration.to).toBeNull()
    expect(hop?.certificate.endedAt).toBeNull()
    const [known] = hopsAt(history, { autoId: leaf.autoId }, 89, 95)
    expect(known?.later.map(({ kind }) => kind)).toEqual(['DEACTIVATED', 'REVOKED'])
  })

  it('a certificate of another identity is not the asked one', () => {
    const subject = { autoId: leaf.autoId, certificateId: middle.id }
    expect(hopsAt(historyOf(), subject, 100, 100)).toEqual([])
  })

  it('stops at its limit, which makes the verdict undetermined', () => {
    const deep = Array.from({ length: MAX_HOPS + 5 }, (_, depth) =>
      recordOf({
        made: LEAF,
        height: 10,
        id: eventAt(10, depth).eventId,
        autoId: idOf(`hop ${depth}`),
        registrationId: `hop ${depth}`,
        issuerId: idOf(`hop ${depth + 1}`),
      }),
    )
    const asked = {
      history: historyOf({ certificates: deep }),
      subject: { autoId: idOf('hop 0') },
      isTruncated: true,
    }
    expect(evidenceOf(asked).hops).toHaveLength(MAX_HOPS)
    const result = verdictOn(asked)
    expect([result.verdict, result.trustAnchor]).toEqual(['INDETERMINATE', null])
  })
})
