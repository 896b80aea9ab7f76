import {
  bool,
  bytes,
  type Codec,
  struct,
  text,
  type Unsigned64,
  unsigned64,
  type ValueOf,
} from './codec.js';
import { type MemberRecord, memberRecords } from './member-record.js';

/** What an event stream pushes (spec/05 §9.1). */
export type EventRecord = MemberEventRecord | UserEventRecord | QueryEventRecord;

const memberEventTypes = [
  'member-join',
  'member-leave',
  'member-failed',
  'member-update',
  'member-reap',
] as const;

export type MemberEventType = (typeof memberEventTypes)[number];

/** One or more members had the same fate; `status` is theirs at that moment. */
export interface MemberEventRecord {
  readonly type: MemberEventType;
  readonly members: readonly MemberRecord[];
}

export interface UserEventRecord {
  readonly type: 'user';
  readonly lamportTime: Unsigned64;
  readonly name: string;
  readonly payload: Uint8Array | undefined;
  readonly coalesce: boolean;
}

export interface QueryEventRecord {
  readonly type: 'query';
  /** Names the query on this connection alone, for `respond`. */
  readonly id: Unsigned64;
  readonly lamportTime: Unsigned64;
  readonly name: string;
  readonly payload: Uint8Array | undefined;
}

export function isMemberEventType(type: string): type is MemberEventType {
  return (memberEventTypes as readonly string[]).includes(type);
}

const memberEvent = struct({ type: ['Event', text], members: ['Members', memberRecords] });

const userEvent = struct({
  type: ['Event', text],
  lamportTime: ['LTime', unsigned64],
  name: ['Name', text],
  payload: ['Payload', bytes],
  coalesce: ['Coalesce', bool],
});

const queryEvent = struct({
  type: ['Event', text],
  id: ['ID', unsigned64],
  lamportTime: ['LTime', unsigned64],
  name: ['Name', text],
  payload: ['Payload', bytes],
});

/** Which kind a record is, only `Event` inside it says: so a reader takes the fields of all. */
const anyEvent = struct({
  type: ['Event', text],
  id: ['ID', unsigned64],
  lamportTime: ['LTime', unsigned64],
  name: ['Name', text],
  payload: ['Payload', bytes],
  coalesce: ['Coalesce', bool],
  members: ['Members', memberRecords],
});

/** `undefined` is an event of a kind that this version does not know. */
export const eventRecord: Codec<EventRecord | undefined> = {
  zero: undefined,
  write(writer, record) {
    if (record === undefined) throw new Error('an unknown event cannot be written');
    if (record.type === 'user') userEvent.write(writer, record);
    else if (record.type === 'query') queryEvent.write(writer, record);
    else memberEvent.write(writer, record);
  },
  read: (reader) => narrow(anyEvent.read(reader)),
};

function narrow(event: ValueOf<typeof anyEvent>): EventRecord | undefined {
  const { type, id, lamportTime, name, payload, coalesce, members } = event;
  if (type === 'user') return { type, lamportTime, name, payload, coalesce };
  if (type === 'query') return { type, id, lamportTime, name, payload };
  return isMemberEventType(type) ? { type, members } : undefined;
}
