/** All reads of the relying parties' endpoints over one pool, in the shape `src/http/readers.ts` asks for. */
import { asDatabaseFailure, type ReadPool } from './fallback'
import { findIssued, readHead, readPath } from './relying-party'
import { readCrlVersion, withCrl } from './revocation-lists'
import { CertificateOrder } from './status-list'

export function relyingPartyReaders(pool: ReadPool) {
  const bind =
    <R extends unknown[], T>(read: (db: ReadPool, ...rest: R) => Promise<T>) =>
    (...rest: R): Promise<T> =>
      read(pool, ...rest).catch(asDatabaseFailure)
  const order = new CertificateOrder()
  return {
    readHead: bind(readHead),
    findIssued: bind(findIssued),
    readPath: bind(readPath),
    readCrlVersion: bind(readCrlVersion),
    readStatusIndex: bind((db, certificateId: string) => order.indexOf(db, certificateId)),
    readStatusListPage: bind((db, first: number, count: number) => order.page(db, first, count)),
    withCrl: <U>(issuerId: string, use: Parameters<typeof withCrl<U>>[2]) =>
      withCrl({ connect: () => pool.connect().catch(asDatabaseFailure) }, issuerId, use),
  }
}
