/** The schema: types by hand in code, their SDL in `api.graphql`. */

import 'reflect-metadata'
import {
  type GraphQLSchema,
  isInputObjectType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql'
import { buildSchemaSync } from 'type-graphql'
import { ClaimsResolver, ProvenanceResolver, TokenResolver } from './resolvers/authority'
import { AutoIdResolver } from './resolvers/auto-ids'
import {
  BlockResolver,
  ExtrinsicResolver,
  QuarantinedResolver,
  RemarkResolver,
} from './resolvers/blocks'
import { CertificateResolver } from './resolvers/certificates'
import { CertificateChainResolver } from './resolvers/chain'
import { EventResolver, FailedCallResolver } from './resolvers/events'
import { FindingResolver } from './resolvers/findings'
import { StateProofResolver } from './resolvers/proof'
import { RegistrationResolver } from './resolvers/registrations'
import { RegistriesResolver } from './resolvers/registries'
import {
  RevocationEntryResolver,
  RevocationListResolver,
  RevocationResolver,
  RevocationStatusResolver,
} from './resolvers/revocations'
import { SearchResolver } from './resolvers/search'
import { SimulationResolver } from './resolvers/simulation'
import {
  IssuerCountResolver,
  IssuerStatisticsResolver,
  StatisticsResolver,
} from './resolvers/statistics'
import { StatusResolver } from './resolvers/status'
import {
  ChainLinkResolver,
  CheckResolver,
  CompositeMemberResolver,
  CompositeResolver,
  SignatureResolver,
  TurningPointResolver,
  VerificationResolver,
} from './resolvers/verification'

/** Subscriptions name their sources themselves; type-graphql wants one of these all the same. */
const noPubSub = {
  publish: () => undefined,
  subscribe: (): never => {
    throw new Error('no topics here')
  },
}

export function buildApiSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [
      StatusResolver,
      RegistriesResolver,
      AutoIdResolver,
      RegistrationResolver,
      CertificateResolver,
      CertificateChainResolver,
      RevocationResolver,
      RevocationStatusResolver,
      RevocationListResolver,
      RevocationEntryResolver,
      EventResolver,
      FailedCallResolver,
      BlockResolver,
      ExtrinsicResolver,
      RemarkResolver,
      QuarantinedResolver,
      FindingResolver,
      SearchResolver,
      StatisticsResolver,
      IssuerCountResolver,
      IssuerStatisticsResolver,
      VerificationResolver,
      ChainLinkResolver,
      CheckResolver,
      TurningPointResolver,
      SignatureResolver,
      CompositeResolver,
      CompositeMemberResolver,
      SimulationResolver,
      TokenResolver,
      ProvenanceResolver,
      ClaimsResolver,
      StateProofResolver,
    ],
    pubSub: noPubSub,
    validate: false,
  })
  makeOneOf(schema, 'CertificateRef')
  return schema
}

/** type-graphql has no word for it yet. */
function makeOneOf(schema: GraphQLSchema, name: string): void {
  const type = schema.getType(name)
  if (!isInputObjectType(type)) throw new Error(`no input type ${name}`)
  type.isOneOf = true
}

/** What `api.graphql` holds. */
export function renderSdl(schema: GraphQLSchema): string {
  return `# Emitted from src/api by \`npm run codegen:sdl\`: do not edit.\n\n${printSchema(lexicographicSortSchema(schema))}\n`
}
