/** A root that left in block 50 and that a stranger registered again, under another key, in block 60. */

import type { ChainHistory } from '../../src/verify/evidence'
import { makeCertificate } from './certificates'
import { eventAt, historyOf, leaf, middle, recordOf, registrationOf, root } from './evidence'

const stranger = makeCertificate({ subject: 'root', seed: 'stranger' })
export const firstRoot = { ...root, to: eventAt(50) }
export const second = recordOf({ made: stranger, height: 60, registrationId: `${root.autoId}-2` })

/** With middle and leaf below it; `continuity` as the registry noted it. */
export const takenOver = (continuity: 'UNPROVEN' | 'SAME_KEY'): ChainHistory =>
  historyOf({
    certificates: [firstRoot, second, middle, leaf],
    registrations: [
      registrationOf(firstRoot, { to: eventAt(50) }),
      registrationOf(second, { ordinal: 2, continuity }),
      registrationOf(middle),
      registrationOf(leaf),
    ],
  })

/** The stranger leaves and comes back, which links it to itself only. */
export const third = {
  ...second,
  id: eventAt(80).eventId,
  from: eventAt(80),
  registrationId: 'third',
}
export const cameBack: ChainHistory = historyOf({
  certificates: [firstRoot, { ...second, to: eventAt(70) }, third],
  registrations: [
    registrationOf(firstRoot, { to: eventAt(50) }),
    registrationOf(second, { ordinal: 2, continuity: 'UNPROVEN', to: eventAt(70) }),
    registrationOf(third, { ordinal: 3, continuity: 'SAME_KEY' }),
  ],
})

/** The same, of a root whose certificates are too many for the earlier ones to be read. */
export const unread: ChainHistory = historyOf({
  certificates: [third],
  registrations: [registrationOf(third, { ordinal: 3, continuity: 'SAME_KEY' })],
  completeFrom: 80,
})
