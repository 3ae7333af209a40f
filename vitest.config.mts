import { defineConfig } from 'vitest/config'

export default defineConfig({
  // graphql must resolve to one module instance, or yoga masks GraphQLErrors thrown by resolvers.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    include: ['test/**/*.test.ts'],
    // Starts nothing until a test asks for a database.
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A second, the default, is short for a page on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Shared CI machines stall for seconds. The summary names each test that needed it; developers get none.
    retry: process.env.CI === 'true' ? 1 : 0,
    // Most files wait for Postgres, sockets or a browser: on two cores one worker would leave one idle.
    maxWorkers: 2,
  },
})
