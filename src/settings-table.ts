/** README's table of settings, from the settings themselves. */

import { allSettings } from './config'

const BEGIN = '<!-- settings -->'
const END = '<!-- /settings -->'

export function settingsTable(): string {
  const rows = Object.values(allSettings).map(
    ({ name, meaning, defaultText }) => `| \`${name}\` | ${meaning} | ${defaultText} |`,
  )
  return ['| setting | meaning | default |', '|---|---|---|', ...rows].join('\n')
}

/** @throws {RangeError} when the page has no place for the table */
export function withSettings(page: string, table: string): string {
  const from = page.indexOf(BEGIN)
  const to = page.indexOf(END)
  if (from < 0 || to < from) throw new RangeError(`no ${BEGIN} … ${END} in the page`)
  return `${page.slice(0, from + BEGIN.length)}\n${table}\n${page.slice(to)}`
}
