/** SQL put together from parts, every value a parameter. */

export class Sql {
  constructor(
    readonly parts: readonly string[],
    readonly values: readonly unknown[],
  ) {}
}

/** Values become parameters; other `sql` parts are put in as they are. */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  const parts: string[] = [strings[0] ?? '']
  const parameters: unknown[] = []
  const append = (text: string) => {
    parts[parts.length - 1] += text
  }
  for (const [index, value] of values.entries()) {
    if (value instanceof Sql) {
      append(value.parts[0] ?? '')
      parts.push(...value.parts.slice(1))
      parameters.push(...value.values)
    } else {
      parameters.push(value)
      parts.push('')
    }
    append(strings[index + 1] ?? '')
  }
  return new Sql(parts, parameters)
}

/** Text of this program, never of a client. */
export function raw(text: string): Sql {
  return new Sql([text], [])
}

export function join(list: readonly Sql[], separator: string): Sql {
  return list.reduce(
    (all, part, index) => (index === 0 ? part : sql`${all}${raw(separator)}${part}`),
    raw(''),
  )
}

/** Conditions that all hold; no condition is true. */
export function all(conditions: readonly (Sql | null)[]): Sql {
  const given = conditions.filter((condition) => condition !== null)
  return given.length === 0 ? raw('true') : join(given, ' and ')
}

/** What `pg` takes. */
export function toQuery({ parts, values }: Sql): { text: string; values: unknown[] } {
  const text = parts.reduce((whole, part, index) => `${whole}$${index}${part}`)
  return { text, values: [...values] }
}
