import { base } from './base'
import { type Moment, pointInTime } from './moment'

type FileKind = 'pem' | 'der' | 'chain.pem' | 'p7c' | 'jwks.json'

/** The download of an identity's certificate at a moment, from the service's plain endpoints. */
export function fileUrl(id: string, kind: FileKind, moment: Moment): string {
  const point = pointInTime(moment)
  const path = `${base}/autoid/${encodeURIComponent(id)}.${kind}`
  if (point === undefined) return path
  return 'block' in point
    ? `${path}?block=${point.block}`
    : `${path}?time=${encodeURIComponent(point.time)}`
}

export function revocationListUrl(issuer: string): string {
  return `${base}/crl/${encodeURIComponent(issuer)}.crl`
}
