/** What `npm start` shows while the index catches up with the chain. */

import { Client } from 'pg'

export type Position = { readonly height: number; readonly nodeHeight: number | null }

export type Sample = { readonly atMs: number; readonly height: number }

/** `indexed 1200 of 5000 (24 %), 310 blocks/s, 12 s left` */
export function renderProgress(first: Sample, now: Sample, target: number): string {
  const percent = target <= 0 ? 100 : Math.floor((100 * Math.max(now.height, 0)) / target)
  const seconds = (now.atMs - first.atMs) / 1000
  const rate = seconds > 0 ? (now.height - first.height) / seconds : 0
  const left = Math.max(target - now.height, 0)
  const eta = rate > 0 ? `, ${renderDuration(left / rate)} left` : ''
  return `indexed ${Math.max(now.height, 0)} of ${target} (${percent} %), ${Math.round(rate)} blocks/s${eta}`
}

export function renderDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5_400) return `${Math.ceil(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}

/** Writes progress until the index has reached the node's head as it was at some moment; null when stopped before. */
export async function showCatchUp(
  databaseUrl: string,
  isStopped: () => boolean,
  write: (line: string) => void,
): Promise<Position | null> {
  const client = new Client({ connectionString: databaseUrl })
  client.on('error', () => undefined)
  await client.connect()
  try {
    let first: Sample | null = null
    while (!isStopped()) {
      const position = await readPosition(client)
      const now = { atMs: Date.now(), height: position.height }
      first ??= now
      if (position.nodeHeight !== null && position.height >= position.nodeHeight) return position
      if (position.nodeHeight !== null) write(renderProgress(first, now, position.nodeHeight))
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    return null
  } finally {
    await client.end()
  }
}

async function readPosition(client: Client): Promise<Position> {
  const { rows } = await client.query<{ height: number; node_height: number | null }>(
    'select height, node_height from index_status',
  )
  return { height: rows[0]?.height ?? -1, nodeHeight: rows[0]?.node_height ?? null }
}
