/** The kinds of settings: how a text of the environment becomes a value. */

/** One row of README's table. `parse` gives undefined for what it cannot use. */
export type Setting<T> = {
  readonly name: string
  readonly meaning: string
  /** As shown to people. */
  readonly defaultText: string
  readonly defaultValue: T
  /** Completes "expected …". */
  readonly expected: string
  readonly parse: (text: string) => T | undefined
}

/** A confirmation depth in blocks, or the node's own finalized head. */
export type Finality =
  | { readonly type: 'NODE' }
  | { readonly type: 'DEPTH'; readonly blocks: number }

export function number(
  name: string,
  meaning: string,
  defaultValue: number,
  { min, max }: { min: number; max: number },
): Setting<number> {
  return {
    name,
    meaning,
    defaultText: String(defaultValue),
    defaultValue,
    expected: `a whole number from ${min} to ${max}`,
    parse: (text) => (/^\d{1,12}$/.test(text) ? within(Number(text), min, max) : undefined),
  }
}

function within(value: number, min: number, max: number): number | undefined {
  return value >= min && value <= max ? value : undefined
}

export function text(name: string, meaning: string, defaultValue: string): Setting<string> {
  const parse = (given: string) => given
  return {
    name,
    meaning,
    defaultText: `\`${defaultValue}\``,
    defaultValue,
    expected: 'text',
    parse,
  }
}

export function path(name: string, meaning: string): Setting<string | null> {
  const defaultText = 'made once under `DATA_DIR`'
  return { name, meaning, defaultText, defaultValue: null, expected: 'a path', parse: (p) => p }
}

export function oneOf<const T extends string>(
  name: string,
  meaning: string,
  defaultValue: NoInfer<T>,
  choices: readonly T[],
): Setting<T> {
  const expected = `one of ${choices.join(', ')}`
  const parse = (given: string) => choices.find((choice) => choice === given)
  return { name, meaning, defaultText: `\`${defaultValue}\``, defaultValue, expected, parse }
}

export function list<T>(parseItem: (text: string) => T | undefined) {
  return (given: string): readonly T[] | undefined => {
    const items = given.split(',').map((item) => parseItem(item.trim()))
    return items.every((item) => item !== undefined) ? (items as T[]) : undefined
  }
}

export function urls(protocols: readonly string[]) {
  return list((item) => {
    const url = URL.canParse(item) ? new URL(item) : undefined
    return url !== undefined && protocols.includes(url.protocol) && url.hostname !== ''
      ? item
      : undefined
  })
}

/** A template: one link for each block. */
export function nodeExplorerUrl(given: string): string | undefined {
  return urls(['http:', 'https:'])(given) !== undefined && given.includes('{hash}')
    ? given
    : undefined
}

export function databaseUrl(given: string): string | undefined {
  if (!URL.canParse(given)) return undefined
  const { protocol, pathname } = new URL(given)
  return /^postgres(ql)?:$/.test(protocol) && pathname.length > 1 ? given : undefined
}

export function finality(given: string): Finality | undefined {
  if (given === 'node') return { type: 'NODE' }
  return /^\d{1,9}$/.test(given) ? { type: 'DEPTH', blocks: Number(given) } : undefined
}
