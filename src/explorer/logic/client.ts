import { createClient as createSse } from 'graphql-sse'
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from 'urql'
import { base } from './base'

const URL_PATH = `${base}/graphql`

const sse = createSse({ url: URL_PATH, retryAttempts: Number.POSITIVE_INFINITY })

/** The one way to the service: its public GraphQL endpoint, queries by POST, subscriptions by SSE. */
export const client = new Client({
  url: URL_PATH,
  preferGetMethod: false,
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (observer) => ({
          unsubscribe: sse.subscribe(
            { query: request.query ?? '', variables: request.variables ?? {} },
            {
              next: (value) => observer.next(value as Parameters<typeof observer.next>[0]),
              error: observer.error.bind(observer),
              complete: observer.complete.bind(observer),
            },
          ),
        }),
      }),
    }),
  ],
})
