import type { KeyReport } from './protocol/key-report.js';

export type RpcErrorCode =
  /** No connection came about; the message is Go's, such as `dial tcp 127.0.0.1:7373: connect: connection refused`. */
  | 'CONNECT_FAILED'
  /** The connection ended before the answer: `client closed`, or `EOF` in the middle of one. */
  | 'CLOSED'
  | 'TIMEOUT'
  /** The agent said no; the message is the agent's text. */
  | 'REFUSED'
  /** The other side does not speak this protocol; `cause` tells how it was seen, and `client closed` is Serf's message. */
  | 'PROTOCOL';

/** A request to an agent that did not work. */
export class RpcError extends Error {
  override readonly name: string = 'RpcError';
  readonly code: RpcErrorCode;

  constructor(code: RpcErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Keys were not changed, or not listed, on all nodes. */
export class KeyError extends RpcError {
  override readonly name = 'KeyError';
  /** What each node had to say, and how many did what was asked. */
  readonly report: KeyReport;

  constructor(message: string, report: KeyReport) {
    super('REFUSED', message);
    this.report = report;
  }
}
