import type { MsgpackReader } from '@tserf/core/msgpack';
import type { CommandName, ReplyOf, RequestOf } from './protocol/commands.js';
import type { RpcError } from './rpc-error.js';

/** What an agent answered. An empty `error` is none; the reply is the zero value where the agent sent no body. */
export interface Answer<Reply> {
  readonly error: string;
  readonly reply: Reply;
}

/** Takes what an agent pushes. */
export interface RecordSink {
  /** Takes one record; `true` says that it was the last one. */
  record(reader: MsgpackReader): boolean;
  /** Records are missing here: the connection was lost, and is there again. */
  gap?(): void;
  /** Nothing more will come; `error` says why, unless that was wanted. */
  end(error: RpcError | undefined): void;
}

/** A way to an agent: one connection, or one after another. */
export interface Link {
  /** Asks, and waits for the answer, whichever it is. */
  call<Name extends CommandName>(
    command: Name,
    request: RequestOf<Name>,
  ): Promise<Answer<ReplyOf<Name>>>;
  /**
   * Asks for pushed records. Resolves when the agent said yes, to what forgets them again; a no is an RpcError REFUSED.
   * Records come before it resolves, or later.
   */
  subscribe<Name extends CommandName>(
    command: Name,
    request: RequestOf<Name>,
    sink: RecordSink,
  ): Promise<Unsubscribe>;
  /** Ends everything at once: requests fail, subscriptions end. Closing twice is harmless. */
  close(): Promise<void>;
}

/** Tells the agent to stop, where it can, and hears no more of it. Calling twice is harmless. */
export type Unsubscribe = () => Promise<void>;
