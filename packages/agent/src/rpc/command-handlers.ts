import {
  type CommandName,
  protocolVersion,
  type ReplyOf,
  type RequestOf,
  refusals,
  type Unsigned64,
} from '@tserf/client';
import type { LogLevel } from '@tserf/core';
import { parseEventFilter } from './event-filter.js';
import { GoRegexError } from './go-regex.js';
import { filterMembers } from './member-filter.js';
import type { Session } from './session.js';
import { streamLimit } from './subscriptions.js';

/** What a command came to. The reply goes out even beside an error: clients of Serf's wait for it (spec/05 §7). */
interface Answer<Reply> {
  /** The client's error; none when absent. */
  readonly error?: string;
  readonly reply: Reply;
  /** Runs as soon as the answer stands in the queue: what it sends comes behind it. */
  readonly whenQueued?: () => void;
  /** Runs when the answer is out. */
  readonly whenSent?: () => Promise<void>;
}

export type CommandHandlers = {
  readonly [Name in CommandName]: (
    request: RequestOf<Name>,
    session: Session,
    seq: Unsigned64,
  ) => Answer<ReplyOf<Name>> | Promise<Answer<ReplyOf<Name>>>;
};

const done = { reply: undefined };
const refuse = (error: string) => ({ error, reply: undefined });

/** Every command (spec/05 §8). Whether a client may call it was decided before. */
export const commandHandlers: CommandHandlers = {
  handshake({ version }, session) {
    if (version !== protocolVersion) return refuse(refusals.unsupportedVersion);
    if (session.hasShakenHands) return refuse(refusals.handshakeDone);
    session.shakeHands();
    return done;
  },

  auth({ authKey }, session) {
    return session.showKey(authKey) ? done : refuse(refusals.invalidToken);
  },

  async 'force-leave'({ node, prune }, { host }) {
    const { error } = await attempt(() => host.forceLeave(node, { prune }));
    return { ...done, ...error };
  },

  async join({ existing, replay }, { host }) {
    const { value: joined = 0, error } = await attempt(() => host.join(existing, { replay }));
    return { reply: { joined }, ...error };
  },

  members(_request, { host }) {
    return { reply: { members: host.members() } };
  },

  async 'members-filtered'(request, { host, log }) {
    try {
      return { reply: { members: await filterMembers(host.members(), request) } };
    } catch (error) {
      if (!(error instanceof GoRegexError)) throw error;
      // Serf closes the connection, and its command line says "client closed". With a reason and an empty list it
      // can say what is wrong with the pattern.
      const reason = `Failed to compile regex: ${error.message}`;
      log('ERR', `agent.ipc: Failed to evaluate request: ${reason}`);
      return { error: reason, reply: { members: [] } };
    }
  },

  stream({ type }, { subscriptions }, seq) {
    const filter = parseEventFilter(type);
    if (filter === undefined) return refuse(refusals.invalidFilter);
    if (subscriptions.hasStream(seq)) return refuse(refusals.streamExists);
    if (subscriptions.isFull) return refuse(`More than ${streamLimit} streams on one connection`);
    return { ...done, whenQueued: () => subscriptions.openStream(seq, filter) };
  },

  monitor({ logLevel }, { subscriptions }, seq) {
    const level = logLevel.toUpperCase();
    if (!isLogLevel(level)) return refuse(refusals.unknownLogLevel(level));
    if (subscriptions.hasMonitor) return refuse(refusals.monitorExists);
    return { ...done, whenQueued: () => subscriptions.openMonitor(seq, level) };
  },

  stop({ stop }, { subscriptions }) {
    subscriptions.stop(stop);
    return done;
  },

  async leave(_request, { host, log }) {
    log('INFO', 'agent.ipc: Graceful leave triggered');
    const { error } = await attempt(() => host.leave());
    if (error !== undefined) log('ERR', `agent.ipc: leave failed: ${error.error}`);
    return {
      ...done,
      ...error,
      // The agent ends even when it could not leave.
      async whenSent() {
        const { error } = await attempt(() => host.shutdown());
        if (error !== undefined) log('ERR', `agent.ipc: shutdown failed: ${error.error}`);
      },
    };
  },

  async stats(_request, { host }) {
    const { value = {}, error } = await attempt(async () => host.stats());
    return { reply: value, ...error };
  },
};

interface Attempt<T> {
  readonly value?: T;
  /** As an answer has it. */
  readonly error?: { readonly error: string };
}

/** What the host refuses is the client's to know. */
async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: { error: error instanceof Error ? error.message : String(error) } };
  }
}

const logLevels: readonly string[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'] satisfies LogLevel[];

function isLogLevel(level: string): level is LogLevel {
  return logLevels.includes(level);
}
