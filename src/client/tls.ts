/** Plugs the path verifier into Node's TLS: outgoing connections, an https.Agent, and servers with mutual TLS. */
import { X509Certificate } from 'node:crypto'
import { Agent, type AgentOptions, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import {
  type ConnectionOptions,
  connect,
  type DetailedPeerCertificate,
  type Server,
  type TLSSocket,
} from 'node:tls'
import { PeerError } from './errors'
import { fingerprintOf } from './ocsp-answer'
import { handshakeRefusal, unauthorized } from './tls-refusal'
import {
  type Accepted,
  createPathVerifier,
  type PathVerifier,
  type VerifierOptions,
} from './verifier'

export type TlsVerifier = PathVerifier & {
  /** Options every TLS context of yours needs: the trusted roots and nothing else, unauthorized peers refused. */
  readonly tlsOptions: { readonly ca: string[]; readonly rejectUnauthorized: true }
  /** Checks the peer of a socket whose handshake is done. @throws {PeerError} */
  checkSocket(socket: TLSSocket): Promise<Accepted>
  /** As `tls.connect`, settled when the peer is accepted. @throws {PeerError | Error} the TLS stack's own errors too. */
  connect(options: ConnectionOptions): Promise<TLSSocket>
  /** An agent for https.request that hands out accepted connections only. */
  createAgent(options?: AgentOptions): Agent
  /**
   * Holds back the connections of a server (made with `requestCert: true` and `tlsOptions`) until their peer is
   * accepted; the others are cut, and `onRefused` hears why, also of those the TLS stack cuts itself. Without it the
   * server's `tlsClientError` brings the reason. Returns the same server.
   */
  protect<S extends Server>(server: S, onRefused?: (error: PeerError, socket: TLSSocket) => void): S
}

/** Paths of full handshakes, for sessions that are resumed without their certificates. */
const MAX_PATHS = 1_000

/** A path verifier tied to Node's TLS. @throws {TypeError} as `createPathVerifier`; Node's own error for a root it cannot read. */
export function createTlsVerifier(options: VerifierOptions): TlsVerifier {
  const verifier = createPathVerifier(options)
  const tlsOptions = { ca: [...options.roots], rejectUnauthorized: true as const }
  const roots = options.roots.map((pem) => new X509Certificate(pem))
  const known = new Map<string, readonly Uint8Array[]>()
  const checkSocket = async (socket: TLSSocket) => verifier.checkPath(pathOf(socket, known, roots))
  const connectChecked = (given: ConnectionOptions) =>
    accepted(
      () => connect({ ...given, ...tlsOptions, session: undefined } as ConnectionOptions),
      checkSocket,
    )
  return {
    ...verifier,
    tlsOptions,
    checkSocket,
    connect: connectChecked,
    createAgent: (given = {}) =>
      new CheckingAgent(checkSocket, { ...given, ...tlsOptions }, options.nowMs ?? Date.now),
    protect: (server, onRefused) => protect(server, checkSocket, onRefused),
  }
}

/** DER certificates from the peer's to the root's. @throws {PeerError} */
function pathOf(
  socket: TLSSocket,
  known: Map<string, readonly Uint8Array[]>,
  roots: readonly X509Certificate[],
): readonly Uint8Array[] {
  if (!socket.authorized) {
    throw unauthorized(socket) ?? new PeerError('PEER_NO_CERTIFICATE', 'nobody was asked for one')
  }
  const path: Uint8Array[] = []
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (certificate?.raw !== undefined && path.length <= 16) {
    path.push(new Uint8Array(certificate.raw))
    const next: DetailedPeerCertificate | undefined = certificate.issuerCertificate
    if (next === undefined || next === certificate) break
    certificate = next
  }
  return completePath(path, known, roots)
}

/** A resumed session brings the peer's certificate only; the rest is what a full handshake showed, or a root. */
function completePath(
  path: readonly Uint8Array[],
  known: Map<string, readonly Uint8Array[]>,
  roots: readonly X509Certificate[],
): readonly Uint8Array[] {
  const [own] = path
  const last = path[path.length - 1]
  if (own === undefined || last === undefined) return path
  const key = fingerprintOf(own)
  const end = new X509Certificate(last)
  if (end.checkIssued(end)) {
    known.delete(key)
    known.set(key, path)
    if (known.size > MAX_PATHS) known.delete([...known.keys()][0] ?? '')
    return path
  }
  const remembered = known.get(key)
  if (remembered !== undefined) return remembered
  const root = roots.find(
    (candidate) => end.checkIssued(candidate) && end.verify(candidate.publicKey),
  )
  if (root === undefined) throw new PeerError('PEER_UNANCHORED', 'the path is not complete')
  return [...path, new Uint8Array(root.raw)]
}

type CheckSocket = (socket: TLSSocket) => Promise<Accepted>

function accepted(open: () => TLSSocket, check: CheckSocket): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = open()
    const closed = () => reject(closedByPeer())
    socket.once('error', reject)
    // In TLS 1.3 a server that refuses us hangs up after our handshake is done.
    socket.once('close', closed)
    socket.once('secureConnect', () => {
      check(socket).then(
        () => {
          socket.off('error', reject)
          socket.off('close', closed)
          if (socket.destroyed) reject(closedByPeer())
          else resolve(socket)
        },
        (error: unknown) => {
          socket.destroy()
          reject(error)
        },
      )
    })
  })
}

function closedByPeer(): Error {
  return Object.assign(new Error('the peer closed the connection: maybe it did not accept us'), {
    code: 'ECONNRESET',
  })
}

/** Not in Node's types, but what every agent of others builds on too. */
const { addRequest } = Agent.prototype as unknown as {
  addRequest: (this: Agent, ...args: unknown[]) => void
}

/** Longest a timer of Node's can be set to. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** A connection outlives the answer it was accepted by only until its next use: nothing pooled is used after that. */
class CheckingAgent extends Agent {
  private readonly validUntil = new WeakMap<Duplex, number>()

  constructor(
    private readonly check: CheckSocket,
    options: AgentOptions,
    private readonly nowMs: () => number,
  ) {
    // A resumed session would come without the certificates to check.
    super({ ...options, maxCachedSessions: 0 })
    // Before Node's own listener, which hands the socket to a waiting request without a further question.
    this.prependListener('free', (socket: Duplex) => {
      if (this.isOver(socket)) socket.destroy()
    })
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    const opened = accepted(
      () => super.createConnection(options) as TLSSocket,
      async (socket) => {
        const result = await this.check(socket)
        this.validUntil.set(socket, result.validUntilMs)
        this.endWhenOver(socket, result.validUntilMs)
        return result
      },
    )
    opened.then(
      (socket) => callback?.(null, socket),
      (error: Error) => callback?.(error, undefined as never),
    )
    return undefined
  }

  /** What Node's http calls for every request; it takes an idle connection that is not destroyed. */
  addRequest(...args: unknown[]): void {
    for (const socket of Object.values(this.freeSockets).flatMap((idle) => idle ?? [])) {
      if (this.isOver(socket)) socket.destroy()
    }
    addRequest.apply(this, args)
  }

  private isOver(socket: Duplex): boolean {
    return this.nowMs() >= (this.validUntil.get(socket) ?? 0)
  }

  /** An idle connection is closed at that moment; one at work when it becomes free. */
  private endWhenOver(socket: Duplex, validUntilMs: number): void {
    const waitMs = Math.min(Math.max(validUntilMs - this.nowMs(), 0), MAX_TIMER_MS)
    const timer = setTimeout(() => {
      const isIdle = Object.values(this.freeSockets).some((idle) => idle?.includes(socket as never))
      if (isIdle) socket.destroy()
    }, waitMs)
    timer.unref()
    socket.once('close', () => clearTimeout(timer))
  }
}

/** Whoever listens, and whenever they began to: they hear of a connection only once its peer is accepted. */
function protect<S extends Server>(
  server: S,
  check: CheckSocket,
  onRefused?: (error: PeerError, socket: TLSSocket) => void,
): S {
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean
  const hold = (socket: TLSSocket) => {
    // Nobody listens yet; a peer that hangs up while we ask must not end the process.
    const ignore = () => undefined
    socket.on('error', ignore)
    check(socket).then(
      () => {
        socket.off('error', ignore)
        emit('secureConnection', socket)
      },
      (error: PeerError) => {
        socket.destroy()
        onRefused?.(error, socket)
        if (onRefused === undefined) emit('tlsClientError', error, socket)
      },
    )
    return true
  }
  const fail = (error: Error, socket: TLSSocket) => {
    const refusal = handshakeRefusal(error, socket)
    if (refusal === null || onRefused !== undefined) {
      if (refusal !== null) onRefused?.(refusal, socket)
      return emit('tlsClientError', error, socket)
    }
    return emit('tlsClientError', refusal, socket)
  }
  server.emit = ((event: string, ...args: [Error | TLSSocket, TLSSocket]) => {
    if (event === 'secureConnection') return hold(args[0] as TLSSocket)
    if (event === 'tlsClientError') return fail(args[0] as Error, args[1])
    return emit(event, ...args)
  }) as never
  return server
}
