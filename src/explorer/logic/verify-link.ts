import { packPem } from './pem'

/** The verification page for given certificates: they ride in the fragment, so no log keeps them. */
export function verifyPemPath(pem: string): string {
  return `/verify#pem=${packPem(pem)}`
}
