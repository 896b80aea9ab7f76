import type { CommandName, ReplyOf, RequestOf, Unsigned64 } from '@tserf/client';
import type { Session } from './session.js';

/** What a command came to. The reply goes out even beside an error: clients of Serf's wait for it (spec/05 §7). */
export interface Answer<Reply> {
  /** The client's error; none when absent. */
  readonly error?: string;
  readonly reply: Reply;
  /** Runs as soon as the answer stands in the queue: what it sends comes behind it. */
  readonly whenQueued?: () => void;
  /** Runs when the answer is out. */
  readonly whenSent?: () => Promise<void>;
}

export type CommandHandler<Name extends CommandName> = (
  request: RequestOf<Name>,
  session: Session,
  seq: Unsigned64,
) => Answer<ReplyOf<Name>> | Promise<Answer<ReplyOf<Name>>>;

/** The answer to a command without a reply body that worked. */
export const done = { reply: undefined };

/** The answer to a command without a reply body that did not. */
export const refuse = (error: string) => ({ error, reply: undefined });

interface Attempt<T> {
  readonly value?: T;
  /** As an answer has it. */
  readonly error?: { readonly error: string };
}

/** What the host refuses is the client's to know. */
export async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: { error: error instanceof Error ? error.message : String(error) } };
  }
}
