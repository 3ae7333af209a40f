/** The relying parties' endpoints over a database of their own that holds the recorded chain. */

import { indexDevChain } from './indexed-dev-chain'
import { createTestDatabase } from './postgres'
import { type Service, startService } from './relying-party-service'

export type RecordedService = Service & { readonly databaseUrl: string }

export async function startRecordedService(): Promise<RecordedService> {
  const database = await createTestDatabase()
  await indexDevChain(database.url)
  const service = await startService(database.url)
  return {
    ...service,
    databaseUrl: database.url,
    close: async () => {
      await service.close()
      await database.close()
    },
  }
}
