/**
 * Faults of a database, injected where the processor's own statements leave for it: `pg.Client.query`. Some are made by
 * the server itself (a terminated session), some by cutting the socket, some are the errors a server would have answered.
 */

import pg from 'pg'

export type DatabaseFault =
  /** The statement is refused with this SQLSTATE. */
  | { readonly type: 'refuse'; readonly code: string }
  /** The socket is cut before the statement is answered. */
  | { readonly type: 'cut' }
  /** The server ends the session. */
  | { readonly type: 'terminate' }
  | { readonly type: 'slow'; readonly ms: number }
  /** The next commit happens, but its answer never comes. */
  | { readonly type: 'lostCommit' }
  /** The next commit is refused: nothing of the batch stays. */
  | { readonly type: 'failedCommit'; readonly code: string }

/** SQLSTATEs after which a batch is repeated: connection, conflict, deadlock, disk full, out of memory, lock, cancelled. */
export const PASSING_CODES = ['08006', '40001', '40P01', '53100', '53200', '55P03', '57014']
/** One that says something against us: the processor ends, and whoever supervises it starts it again. */
export const ENDING_CODE = 'XX000'

export type ArmedFault = { readonly statement: number; readonly fault: DatabaseFault }

type QueryFunction = (this: pg.Client, ...args: unknown[]) => unknown
type Internals = {
  readonly connectionParameters: { readonly application_name?: string; readonly database?: string }
  readonly connection: { readonly stream: { destroy(): void } }
  readonly processID: number | null
}

type Statement = { handleError(error: unknown, connection: Internals['connection']): void }

const controls = new Map<string, DatabaseFaults>()
const originalQuery = pg.Client.prototype.query as unknown as QueryFunction
let isInstalled = false

function install(): void {
  if (isInstalled) return
  isInstalled = true
  const patched: QueryFunction = function (...args) {
    const { connectionParameters } = this as unknown as Internals
    const control = controls.get(connectionParameters.database ?? '')
    const isWriter = connectionParameters.application_name === 'auto-registry processor'
    if (control === undefined || !isWriter) return originalQuery.apply(this, args)
    return control.query(this, args)
  }
  pg.Client.prototype.query = patched as unknown as typeof pg.Client.prototype.query
}

/** Faults of one database; several may be disturbed at a time. */
export class DatabaseFaults {
  private readonly database: string
  private pending: ArmedFault[] = []
  private count = 0
  fired = 0
  /** Told of every statement before it is sent. */
  onStatement: (text: string) => void = () => undefined
  /** True: the statement is answered, but not carried out. For trying whether a comparison notices. */
  swallows: (text: string) => boolean = () => false

  constructor(readonly url: string) {
    install()
    this.database = new URL(url).pathname.slice(1)
    controls.set(this.database, this)
  }

  /** From now on, by the number of the statement (1 is the next one). Replaces what was armed before. */
  arm(faults: readonly ArmedFault[]): void {
    this.count = 0
    this.pending = [...faults]
  }

  close(): void {
    controls.delete(this.database)
  }

  query(client: pg.Client, args: unknown[]): unknown {
    const text = textOf(args)
    this.count += 1
    this.onStatement(text)
    if (this.swallows(text)) return Promise.resolve({ rows: [], rowCount: 0 })
    const fault = this.next(text === 'commit')
    const send = () => originalQuery.apply(client, args) as Promise<unknown>
    if (fault === undefined) return send()
    const answered = this.apply(fault, client, send)
    const [statement] = args
    if (!(statement instanceof pg.Query)) return answered
    // A statement of pg's own kind (a COPY) hears of its failure from pg's client; nobody awaits what is returned.
    const { connection } = client as unknown as Internals
    answered.catch((error: unknown) =>
      (statement as unknown as Statement).handleError(error, connection),
    )
    return statement
  }

  private next(isCommit: boolean): DatabaseFault | undefined {
    const isDue = ({ statement, fault }: ArmedFault) =>
      statement <= this.count &&
      (isCommit || (fault.type !== 'lostCommit' && fault.type !== 'failedCommit'))
    const place = this.pending.findIndex(isDue)
    if (place < 0) return undefined
    const [found] = this.pending.splice(place, 1)
    this.fired += 1
    return found?.fault
  }

  private async apply(
    fault: DatabaseFault,
    client: pg.Client,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    const { connection, processID } = client as unknown as Internals
    switch (fault.type) {
      case 'refuse':
        throw databaseError(fault.code)
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, fault.ms))
        return send()
      case 'cut':
        connection.stream.destroy()
        return send()
      case 'terminate':
        await terminate(this.url, processID)
        return send()
      case 'lostCommit':
        await send()
        connection.stream.destroy()
        throw new Error('Connection terminated unexpectedly')
      case 'failedCommit':
        await originalQuery.call(client, 'rollback')
        throw databaseError(fault.code)
    }
  }
}

function databaseError(code: string): Error {
  return Object.assign(new Error(`injected database error ${code}`), { code })
}

function textOf([first]: unknown[]): string {
  if (typeof first === 'string') return first
  return (first as { text?: string } | undefined)?.text ?? ''
}

async function terminate(url: string, processId: number | null): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('select pg_terminate_backend($1)', [processId])
  await client.end()
}
