import {
  bool,
  type Codec,
  int32,
  listOf,
  mapOf,
  struct,
  text,
  textMap,
  unsigned64,
  type ValueOf,
} from './codec.js';
import { memberRecords } from './member-record.js';

/** The version of the protocol that a handshake asks for; there has only ever been one. */
export const protocolVersion = 1;

/** What a command's request and reply carry behind their headers; `undefined` is no body at all. */
interface Command {
  readonly request: Codec<unknown> | undefined;
  readonly reply: Codec<unknown> | undefined;
}

const members = struct({ members: ['Members', memberRecords] });

/** Every command by its name on the wire (spec/05 §7). Client and server both work off this table. */
export const commands = {
  handshake: { request: struct({ version: ['Version', int32] }), reply: undefined },
  auth: { request: struct({ authKey: ['AuthKey', text] }), reply: undefined },
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
  stream: { request: struct({ type: ['Type', text] }), reply: undefined },
  monitor: { request: struct({ logLevel: ['LogLevel', text] }), reply: undefined },
  stop: { request: struct({ stop: ['Stop', unsigned64] }), reply: undefined },
  leave: { request: undefined, reply: undefined },
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
