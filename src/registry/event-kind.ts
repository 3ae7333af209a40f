/** What an applied call is called in the chain's events. */
import type { EventKind, RegistryCall, RegistryCallKind } from './types'

const CALL_EVENTS: Readonly<Record<RegistryCallKind, EventKind>> = {
  REGISTER: 'REGISTERED',
  RENEW: 'RENEWED',
  REVOKE: 'REVOKED',
  DEACTIVATE: 'DEACTIVATED',
}

/** The event an applied call leaves. */
export function eventKindOf(call: RegistryCall): EventKind {
  return CALL_EVENTS[call.kind]
}
