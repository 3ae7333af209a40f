/** JSON-RPC errors as a Substrate node words them. */

export class RpcFailure extends Error {
  override readonly name = 'RpcFailure'

  constructor(
    readonly code: number,
    message: string,
    readonly detail?: string,
  ) {
    super(message)
  }

  toJSON(): { code: number; message: string; data?: string } {
    return {
      code: this.code,
      message: this.message,
      ...(this.detail === undefined ? {} : { data: this.detail }),
    }
  }
}

export const methodNotFound = () => new RpcFailure(-32601, 'Method not found')
export const invalidParams = (detail: string) => new RpcFailure(-32602, 'Invalid params', detail)
export const unknownBlock = (hash: string) =>
  new RpcFailure(4003, `Client error: UnknownBlock: Header was not found in the database: ${hash}`)
export const discardedState = (hash: string) =>
  new RpcFailure(4003, `Client error: UnknownBlock: State already discarded for ${hash}`)
