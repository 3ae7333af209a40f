/** Random documents over a schema: fields, arguments and fragments as they come, then often something broken. */

import {
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'
import type { Random } from '../../src/devnet/maker/random'

export class DocumentMaker {
  constructor(
    private readonly schema: GraphQLSchema,
    /** Texts that mean something: identifiers, hashes, serials. */
    private readonly texts: readonly string[],
  ) {}

  make(random: Random): string {
    const query = this.schema.getQueryType()
    if (!query) throw new Error('the schema has no queries')
    return `query { ${this.fields(random, query, 5)} }`
  }

  private fields(random: Random, type: GraphQLObjectType, depth: number): string {
    const all = Object.values(type.getFields())
    const chosen = Array.from({ length: 1 + random.below(3) }, () => random.pick(all))
    return chosen
      .map((field, index) => {
        const args = field.args
          .filter((arg) => isNonNullType(arg.type) || random.chance(0.3))
          .map((arg) => `${arg.name}: ${this.value(random, arg.type, 3)}`)
        const call = args.length === 0 ? '' : `(${args.join(', ')})`
        return `f${depth}_${index}: ${field.name}${call}${this.selection(random, field.type, depth - 1)}`
      })
      .join(' ')
  }

  private selection(random: Random, type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type)
    if (isObjectType(named)) {
      return ` { ${depth <= 0 ? '__typename' : this.fields(random, named, depth)} }`
    }
    if (!isUnionType(named) && !isInterfaceType(named)) return ''
    const possible = random.pick(this.schema.getPossibleTypes(named))
    const inner = depth <= 0 ? '__typename' : this.fields(random, possible, depth)
    return ` { __typename ... on ${possible.name} { ${inner} } }`
  }

  private value(random: Random, type: GraphQLInputType, depth: number): string {
    if (isNonNullType(type)) return this.value(random, type.ofType, depth)
    if (random.chance(0.03)) return random.pick(['null', '1e999', '{}', '[]', '$x', '""', 'true'])
    if (isListType(type)) {
      const items = Array.from({ length: random.below(3) }, () =>
        this.value(random, type.ofType, depth - 1),
      )
      return `[${items.join(', ')}]`
    }
    if (isEnumType(type)) return random.pick(type.getValues()).name
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields())
        .filter((field) => isNonNullType(field.type) || (depth > 0 && random.chance(0.3)))
        .map((field) => `${field.name}: ${this.value(random, field.type, depth - 1)}`)
      return `{${fields.join(', ')}}`
    }
    return this.scalar(random, type.name)
  }

  private scalar(random: Random, name: string): string {
    if (name === 'Boolean') return random.pick(['true', 'false'])
    if (name === 'Int' || name === 'Float') {
      return String(random.pick([0, 1, 2, 10, 282, -1, 2 ** 31 - 1, -(2 ** 31), 100000]))
    }
    return JSON.stringify(random.pick(this.texts))
  }
}
