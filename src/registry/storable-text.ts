/** Text made from a stranger's bytes, fit for a database: Postgres takes neither NUL nor half a surrogate pair. */

/** Characters kept by default; the bytes themselves are always stored whole beside the text. */
const MAX_LENGTH = 4096

const PRINTABLE_ASCII = /^[ -~]*$/

/** Cut to `maxLength` UTF-16 units, without what Postgres refuses. */
export function storableText(text: string, maxLength = MAX_LENGTH): string {
  if (text.length <= maxLength && PRINTABLE_ASCII.test(text)) return text
  // Encoding replaces what is no character, such as a pair that the cut has split.
  return Buffer.from(text.slice(0, maxLength).replaceAll('\0', ''), 'utf8').toString('utf8')
}
