import { type CommandName, noCoordinate, protocolVersion, refusals } from '@tserf/client';
import { GoRegexError, type LogLevel } from '@tserf/core';
import { attempt, type CommandHandler, done, refuse } from './answer.js';
import { parseEventFilter } from './event-filter.js';
import { changeKeys, listKeys } from './key-commands.js';
import { filterMembers } from './member-filter.js';
import { queryLimit, streamLimit } from './subscriptions.js';

/** Every command (spec/05 §8). Whether a client may call it was decided before. */
export const commandHandlers: { readonly [Name in CommandName]: CommandHandler<Name> } = {
  handshake({ version }, session) {
    if (version !== protocolVersion) return refuse(refusals.unsupportedVersion);
    if (session.hasShakenHands) return refuse(refusals.handshakeDone);
    session.shakeHands();
    return done;
  },

  auth({ authKey }, session) {
    return session.showKey(authKey) ? done : refuse(refusals.invalidToken);
  },

  async event({ name, payload, coalesce }, { host }) {
    const { error } = await attempt(() => host.event(name, payload, coalesce));
    return { ...done, ...error };
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

  async tags(changes, { host }) {
    const { error } = await attempt(() => host.updateTags(changes));
    return { ...done, ...error };
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

  async query({ payload, filterTags = {}, ...request }, { host, subscriptions }, seq) {
    if (isReserved(request.name, payload)) return refuse(refusals.reservedQueryName);
    if (subscriptions.asksTooMuch)
      return refuse(`More than ${queryLimit} queries at once on one connection`);
    const records = subscriptions.openQuery(seq);
    const { value: end, error } = await attempt(() =>
      host.query({ ...request, filterTags, payload }, records),
    );
    if (end !== undefined) records.endBy(end);
    if (error === undefined) return { ...done, whenQueued: () => records.start() };
    records.stop();
    return { ...done, ...error };
  },

  async respond({ id, payload }, { host, subscriptions }) {
    const query = subscriptions.pendingQueries.find(id);
    if (query === undefined) return refuse(refusals.noPendingQuery);
    const { error } = await attempt(() => host.respond(query, payload));
    return error === undefined ? done : refuse(respondError(error.error));
  },

  'install-key': ({ key }, { host }) => changeKeys(() => host.installKey(key)),
  'use-key': ({ key }, { host }) => changeKeys(() => host.useKey(key)),
  'remove-key': ({ key }, { host }) => changeKeys(() => host.removeKey(key)),
  'list-keys': (_request, { host }) => listKeys(() => host.listKeys()),

  async 'get-coordinate'({ node }, { host }) {
    const { value: coordinate, error } = await attempt(() => host.coordinate(node));
    const reply = coordinate === undefined ? noCoordinate : { coordinate, isKnown: true };
    return { reply, ...error };
  },

  async stats(_request, { host }) {
    const { value = {}, error } = await attempt(async () => host.stats());
    return { reply: value, ...error };
  },
};

/** Serf's own queries are not for clients, but for the one by which they look whom they reach (spec/05 §8.11). */
function isReserved(name: string, payload: Uint8Array | undefined): boolean {
  return name.startsWith('_serf_') && !(name === '_serf_ping' && payload === undefined);
}

/** Serf says so of every query (spec/05 §8.12). */
function respondError(reason: string): string {
  const prefix = 'failed to respond to key query: ';
  return reason.startsWith(prefix) ? reason : prefix + reason;
}

const logLevels: readonly string[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'] satisfies LogLevel[];

function isLogLevel(level: string): level is LogLevel {
  return logLevels.includes(level);
}
