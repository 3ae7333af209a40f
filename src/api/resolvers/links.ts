/** Links that many types have: to an identity, an event, a certificate. */

import { toEvent } from '../map/event'
import { toAutoId } from '../map/identity'
import type { Moment } from '../moment'
import type { Session } from '../session'
import type { AutoId } from '../types/auto-id'
import type { RegistryEvent } from '../types/event'

/** Null for an identifier that was not registered by then. */
export async function findAutoId(
  session: Session,
  id: string | null,
  moment: Moment,
): Promise<AutoId | null> {
  const row = id === null ? null : await session.load.identity(moment).load(id)
  return row === null ? null : toAutoId(row, moment)
}

/** An identity that the index itself refers to. */
export async function requireAutoId(session: Session, id: string, moment: Moment): Promise<AutoId> {
  const found = await findAutoId(session, id, moment)
  if (found === null) throw new Error(`identity ${id} is missing at block ${moment.height}`)
  return found
}

export async function findEvent(
  session: Session,
  id: string | null,
  moment: Moment,
): Promise<RegistryEvent | null> {
  const row = id === null ? null : await session.load.event.load(id)
  return row === null ? null : toEvent(row, moment)
}

export async function requireEvent(
  session: Session,
  id: string,
  moment: Moment,
): Promise<RegistryEvent> {
  const found = await findEvent(session, id, moment)
  if (found === null) throw new Error(`event ${id} is missing`)
  return found
}
