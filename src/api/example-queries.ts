/** What GraphiQL opens with. */

export const exampleQueries: readonly string[] = [
  `# Where the index stands.
query Status {
  status {
    head { height hash timestamp final }
    finalized { height }
    nodeHead { height }
    lagBlocks
    chain { specName genesisHash ss58Prefix }
    counts { autoIds registered certificates revocations events failedCalls }
  }
}
`,
  `# Identities with their issuers, as they stood after block 120; leave \`at\` away for now.
query Identities {
  autoIds(first: 10, at: { block: 120 }, orderBy: EXPIRES_AT_ASC) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      commonName
      status
      issuer { commonName }
      certificate { serial notAfter fingerprint }
      asOf { height final }
    }
  }
}
`,
  `# What happened last, and what was refused.
query Timeline {
  events(first: 10, orderBy: NEWEST_FIRST) {
    nodes {
      kind
      block { height timestamp final }
      autoId { id commonName }
      signerAddress
      fee
    }
  }
  failedCalls(first: 10, orderBy: NEWEST_FIRST, filter: { status: FAILED }) {
    nodes { call error block { height } callPath wrappers derived }
  }
}
`,
  `# Each event as it comes.
subscription Events {
  events {
    kind
    removed
    block { height final }
    autoId { id commonName status }
  }
}
`,
]
