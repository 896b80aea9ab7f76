export type RpcErrorCode =
  /** No connection came about; the message is Go's, such as `dial tcp 127.0.0.1:7373: connect: connection refused`. */
  | 'CONNECT_FAILED'
  /** The connection ended before the answer: `client closed`, or `EOF` in the middle of one. */
  | 'CLOSED'
  | 'TIMEOUT'
  /** The agent said no; the message is the agent's text. */
  | 'REFUSED'
  /** The other side does not speak this protocol. */
  | 'PROTOCOL';

/** A request to an agent that did not work. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: RpcErrorCode;

  constructor(code: RpcErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
