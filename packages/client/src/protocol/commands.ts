import {
  bool,
  bytes,
  type Codec,
  duration,
  int32,
  listOf,
  mapOf,
  nilOrListOf,
  optional,
  struct,
  text,
  textMap,
  unsigned,
  unsigned64,
  type ValueOf,
} from './codec.js';
import { coordinateReply } from './coordinate-record.js';
import { keyReport } from './key-report.js';
import { memberRecords } from './member-record.js';

/** The version of the protocol that a handshake asks for; there has only ever been one. */
export const protocolVersion = 1;

/** What a command's request and reply carry behind their headers; `undefined` is no body at all. */
interface Command {
  readonly request: Codec<unknown> | undefined;
  readonly reply: Codec<unknown> | undefined;
}

const members = struct({ members: ['Members', memberRecords] });
const key = struct({ key: ['Key', text] });

/** Every command by its name on the wire (spec/05 §7). Client and server both work off this table. */
export const commands = {
  handshake: { request: struct({ version: ['Version', int32] }), reply: undefined },
  auth: { request: struct({ authKey: ['AuthKey', text] }), reply: undefined },
  event: {
    request: struct({
      name: ['Name', text],
      payload: ['Payload', bytes],
      coalesce: ['Coalesce', bool],
    }),
    reply: undefined,
  },
  'force-leave': {
    request: struct({ node: ['Node', text], prune: ['Prune', bool] }),
    reply: undefined,
  },
  join: {
    request: struct({ existing: ['Existing', listOf(text)], replay: ['Replay', bool] }),
    reply: struct({ joined: ['Num', int32] }),
  },
  members: { request: undefined, reply: members },
  'members-filtered': {
    request: struct({ tags: ['Tags', textMap], status: ['Status', text], name: ['Name', text] }),
    reply: members,
  },
  tags: {
    request: struct({ set: ['Tags', textMap], delete: ['DeleteTags', nilOrListOf(text)] }),
    reply: undefined,
  },
  stream: { request: struct({ type: ['Type', text] }), reply: undefined },
  monitor: { request: struct({ logLevel: ['LogLevel', text] }), reply: undefined },
  stop: { request: struct({ stop: ['Stop', unsigned64] }), reply: undefined },
  leave: { request: undefined, reply: undefined },
  query: {
    request: struct({
      filterNodes: ['FilterNodes', nilOrListOf(text)],
      filterTags: ['FilterTags', optional(textMap)],
      requestAck: ['RequestAck', bool],
      relayFactor: ['RelayFactor', unsigned(0xff)],
      timeoutMs: ['Timeout', duration],
      name: ['Name', text],
      payload: ['Payload', bytes],
      early: ['Early', bool, 'extra'],
    }),
    reply: undefined,
  },
  respond: {
    request: struct({ id: ['ID', unsigned64], payload: ['Payload', bytes] }),
    reply: undefined,
  },
  'install-key': { request: key, reply: keyReport },
  'use-key': { request: key, reply: keyReport },
  'remove-key': { request: key, reply: keyReport },
  'list-keys': { request: undefined, reply: keyReport },
  'get-coordinate': { request: struct({ node: ['Node', text] }), reply: coordinateReply },
  stats: { request: undefined, reply: mapOf(textMap) },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;
export type RequestOf<Name extends CommandName> = ValueOf<(typeof commands)[Name]['request']>;
export type ReplyOf<Name extends CommandName> = ValueOf<(typeof commands)[Name]['reply']>;

/** What an agent says of itself: section, key, value, all text (spec/05 §8.14). */
export type Stats = ReplyOf<'stats'>;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** What a monitor pushes: one log entry, without its final newline. */
export const logRecord = struct({ log: ['Log', text] });
