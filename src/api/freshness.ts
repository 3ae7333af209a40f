/** How fresh a client demands its answer: by header, by query string, or in the request's `extensions`. */

import { badArgument } from './arguments'
import type { Freshness } from './readers'

const MAX_HEIGHT = 2_147_483_647

/**
 * `minBlock`: `min-block` header, `?minBlock=`, `extensions.minBlock`; `maxLagSeconds` likewise. The strictest counts.
 * @throws {AppError} BAD_USER_INPUT for anything but whole numbers from 0.
 */
export function readFreshness(
  request: Pick<Request, 'headers' | 'url'>,
  extensions: Readonly<Record<string, unknown>> | null | undefined,
): Freshness {
  const query = new URL(request.url).searchParams
  const given = (header: string, name: string) =>
    [
      request.headers.get(header),
      request.headers.get(`x-${header}`),
      query.get(name),
      extensions?.[name],
    ].flatMap((value) => (value == null ? [] : [wholeNumber(value, name)]))
  const heights = given('min-block', 'minBlock')
  const lags = given('max-lag-seconds', 'maxLagSeconds')
  return {
    minBlock: heights.length === 0 ? null : Math.max(...heights),
    maxLagSeconds: lags.length === 0 ? null : Math.min(...lags),
  }
}

function wholeNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  if (!Number.isSafeInteger(number) || Number(number) < 0 || Number(number) > MAX_HEIGHT) {
    throw badArgument(name, 'expected a whole number from 0')
  }
  return Number(number)
}
