import type { CodegenConfig } from '@graphql-codegen/cli'

/** Typed documents from the API's SDL: `npx graphql-codegen --config src/explorer/codegen.ts`. */
const config: CodegenConfig = {
  schema: process.env['EXPLORER_SDL'] ?? 'api.graphql',
  documents: 'src/explorer/documents/*.graphql',
  generates: {
    'src/explorer/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: {
          DateTime: 'string',
          JSON: 'unknown',
          ID: 'string',
        },
      },
    },
  },
}

export default config
