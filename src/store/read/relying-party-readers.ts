/** All reads of the relying parties' endpoints over one pool, in the shape `src/http/readers.ts` asks for. */
import { asDatabaseFailure, type ReadPool } from './fallback'
import { findIssued, readHead, readPath } from './relying-party'
import { readCrlVersion, readStatusIndex, readStatusListPage, withCrl } from './revocation-lists'

export function relyingPartyReaders(pool: ReadPool) {
  const bind =
    <R extends unknown[], T>(read: (db: ReadPool, ...rest: R) => Promise<T>) =>
    (...rest: R): Promise<T> =>
      read(pool, ...rest).catch(asDatabaseFailure)
  return {
    readHead: bind(readHead),
    findIssued: bind(findIssued),
    readPath: bind(readPath),
    readCrlVersion: bind(readCrlVersion),
    readStatusIndex: bind(readStatusIndex),
    readStatusListPage: bind(readStatusListPage),
    withCrl: <U>(issuerId: string, use: Parameters<typeof withCrl<U>>[2]) =>
      withCrl({ connect: () => pool.connect().catch(asDatabaseFailure) }, issuerId, use),
  }
}
