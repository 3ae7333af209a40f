/** Does a migrated database hold what the entities describe? */

import * as model from '../model'
import { describeDatabase } from './connection'

/**
 * Statements that would make the database equal to the model; none when they agree. Constraints and indexes
 * that only migrations know (exclusion, partial, trigram) are not looked at.
 */
export async function schemaDrift(url: string): Promise<string[]> {
  const entities = Object.values(model).filter((value) => typeof value === 'function')
  const source = await describeDatabase(url, entities).initialize()
  try {
    const { upQueries } = await source.driver.createSchemaBuilder().log()
    return upQueries.map(({ query }) => query).filter((query) => !isByHand(query))
  } finally {
    await source.destroy()
  }
}

/** Names given by hand in migrations begin so; those made from the model are `IDX_<hash>` and the like. */
function isByHand(query: string): boolean {
  return /^(DROP INDEX|ALTER TABLE \S+ DROP CONSTRAINT) .*"(ix|ex|ck)_\w+"/.test(query)
}
