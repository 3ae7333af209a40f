/** What is not signed is as trustworthy as the connection it comes by. */

/** By https, or from this machine: nobody on the way can change an answer. */
export function isSafeFromOthers({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
