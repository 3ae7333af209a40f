/** Relay connections. `totalCount` is counted only when somebody asks. */

import { type ClassType, Field, Int, ObjectType } from 'type-graphql'

@ObjectType({ simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean

  @Field(() => Boolean)
  hasPreviousPage!: boolean

  @Field(() => String, { nullable: true })
  startCursor!: string | null

  @Field(() => String, { nullable: true })
  endCursor!: string | null
}

export type Edge<T> = { readonly cursor: string; readonly node: T }

export type Page<T> = {
  readonly edges: readonly Edge<T>[]
  readonly nodes: readonly T[]
  readonly pageInfo: PageInfo
  readonly count: () => Promise<number>
}

/** The edge and connection types of a node type. */
export function connectionOf<T extends object>(nodeType: ClassType<T>, name: string) {
  @ObjectType(`${name}Edge`, { simpleResolvers: true })
  class NodeEdge {
    @Field(() => String)
    cursor!: string

    @Field(() => nodeType)
    node!: T
  }

  @ObjectType(`${name}Connection`, { simpleResolvers: true })
  class Connection {
    @Field(() => [NodeEdge])
    edges!: readonly NodeEdge[]

    @Field(() => [nodeType], { description: 'The nodes of `edges`.' })
    nodes!: readonly T[]

    @Field(() => PageInfo)
    pageInfo!: PageInfo

    count!: () => Promise<number>

    @Field(() => Int, { description: 'Of the whole list, whatever the page.', simple: false })
    totalCount(): Promise<number> {
      return this.count()
    }

    static of(page: Page<T>): Connection {
      return Object.assign(new Connection(), page)
    }
  }
  return Connection
}
