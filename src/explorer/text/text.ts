import en from './en.json'

/** Every text of the explorer stands in one catalogue; another language is another file like it. */
export type TextKey = keyof typeof en

/** The language of the catalogue. */
export const locale = 'en'

const catalogue: Readonly<Record<string, string>> = en
const plurals = new Intl.PluralRules(locale)

type Params = Readonly<Record<string, string | number>>

/** The text of `key` with `{name}` replaced; numbers are written in the reader's way. */
export function t(key: TextKey, params: Params = {}): string {
  return fill(catalogue[key] ?? key, params)
}

/** `tn('block', 3)` picks `block.one` or `block.other` by the language's plural rule and fills `{n}`. */
export function tn(key: string, n: number): string {
  const text = catalogue[`${key}.${plurals.select(n)}`] ?? catalogue[`${key}.other`] ?? key
  return fill(text, { n })
}

/** A text that may be missing, such as the plain words for a code newer than this catalogue. */
export function maybeText(key: string): string | undefined {
  return catalogue[key]
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    return typeof value === 'number' ? value.toLocaleString() : (value ?? whole)
  })
}
