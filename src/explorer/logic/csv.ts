/**
 * RFC 4180 text with a header line. A cell that a spreadsheet would run as a formula gets a leading
 * apostrophe: names come from strangers. So does what follows a semicolon or a tab, by which spreadsheets of other
 * countries part the cells.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows]
    .map((row) => row.map(cell).join(','))
    .join('\r\n')
    .concat('\r\n')
}

/** Full-width signs count as the plain ones in some spreadsheets. */
const FORMULA = /(^|[;\t])(\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/g

function cell(value: string): string {
  const safe = value.replace(FORMULA, "$1'$2")
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
