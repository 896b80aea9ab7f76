import { DecodeError } from './decode-error.js';
import { FieldNames, type MsgpackReader } from './msgpack-reader.js';
import type { MsgpackWriter } from './msgpack-writer.js';
import type { EventGroup, SerfState } from './serf-messages.js';

/*
 * The user state of a push/pull. One byte can stand for a whole event or slot, so what is made of them is bounded in
 * number, not only by the size of the stream (spec/03 §24, 22).
 */

/** Serf's ring has 512 slots, and this many events are a flood. */
const maxEventSlots = 65_536;
const maxEvents = 65_536;
/** Twice as many as a node takes for members: reading on would cost seconds, and be for nobody. */
const maxStatusTimes = 131_072;

type GroupedEvent = EventGroup['events'][number];

/** Members come in the order of the map: unlike in metadata, nobody compares these bytes. */
export function encodeState(writer: MsgpackWriter, state: SerfState): void {
  writer.mapHeader(6).key('EventLTime').uint(state.eventLTime);
  writer.key('Events').arrayHeader(state.events.length);
  for (const group of state.events) {
    if (group === undefined) writer.nil();
    else encodeGroup(writer, group);
  }
  writer.key('LTime').uint(state.ltime);
  writer.key('LeftMembers').arrayHeader(state.leftMembers.length);
  for (const name of state.leftMembers) writer.text(name);
  writer.key('QueryLTime').uint(state.queryLTime);
  writer.key('StatusLTimes').mapHeader(state.statusLTimes.size);
  for (const [name, ltime] of state.statusLTimes) writer.text(name).uint(ltime);
}

function encodeGroup(writer: MsgpackWriter, group: EventGroup): void {
  writer.mapHeader(2).key('Events').arrayHeader(group.events.length);
  for (const event of group.events) {
    writer.mapHeader(2).key('Name').text(event.name).key('Payload').bytes(event.payload);
  }
  writer.key('LTime').uint(group.ltime);
}

const stateFields = new FieldNames(
  'EventLTime',
  'Events',
  'LTime',
  'LeftMembers',
  'QueryLTime',
  'StatusLTimes',
);

export function decodeState(reader: MsgpackReader): SerfState {
  let ltime = 0;
  let statusLTimes = new Map<string, number>();
  let leftMembers: string[] = [];
  let eventLTime = 0;
  let events: (EventGroup | undefined)[] = [];
  let queryLTime = 0;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(stateFields)) {
      case 'EventLTime':
        eventLTime = lamportTime(reader);
        break;
      case 'Events':
        events = decodeGroups(reader);
        break;
      case 'LTime':
        ltime = lamportTime(reader);
        break;
      case 'LeftMembers':
        leftMembers = decodeNames(reader);
        break;
      case 'QueryLTime':
        queryLTime = lamportTime(reader);
        break;
      case 'StatusLTimes':
        statusLTimes = decodeStatusTimes(reader);
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'state', ltime, statusLTimes, leftMembers, eventLTime, events, queryLTime };
}

function decodeGroups(reader: MsgpackReader): (EventGroup | undefined)[] {
  const groups: (EventGroup | undefined)[] = [];
  let events = 0;
  for (let left = checked(reader.arrayHeader(), maxEventSlots); left > 0; left -= 1) {
    const group = reader.tryNil() ? undefined : decodeGroup(reader);
    events = checked(events + (group?.events.length ?? 0), maxEvents);
    groups.push(group);
  }
  return groups;
}

const groupFields = new FieldNames('Events', 'LTime');

function decodeGroup(reader: MsgpackReader): EventGroup {
  let ltime = 0;
  let events: GroupedEvent[] = [];
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(groupFields)) {
      case 'Events':
        events = decodeEvents(reader);
        break;
      case 'LTime':
        ltime = lamportTime(reader);
        break;
      default:
        reader.skip();
    }
  }
  return { ltime, events };
}

function decodeEvents(reader: MsgpackReader): GroupedEvent[] {
  const events: GroupedEvent[] = [];
  for (let left = checked(reader.arrayHeader(), maxEvents); left > 0; left -= 1) {
    events.push(decodeEvent(reader));
  }
  return events;
}

const eventFields = new FieldNames('Name', 'Payload');

function decodeEvent(reader: MsgpackReader): GroupedEvent {
  let name = '';
  let payload: Uint8Array | undefined;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(eventFields)) {
      case 'Name':
        name = reader.lossyText();
        break;
      case 'Payload':
        payload = reader.bytesCopy();
        break;
      default:
        reader.skip();
    }
  }
  return { name, payload };
}

/**
 * An absurd time becomes one that no clock believes: who takes it refuses it, and the rest of the state stands. A forged
 * message puts such a time into the state of every Go agent, for as long as it knows the member.
 */
function lamportTime(reader: MsgpackReader): number {
  const time = reader.integer();
  return typeof time === 'number' && time >= 0 ? time : Number.POSITIVE_INFINITY;
}

function decodeNames(reader: MsgpackReader): string[] {
  const names: string[] = [];
  for (let left = checked(reader.arrayHeader(), maxStatusTimes); left > 0; left -= 1) {
    const name = readableName(reader);
    if (name !== undefined) names.push(name);
  }
  return names;
}

function decodeStatusTimes(reader: MsgpackReader): Map<string, number> {
  const times = new Map<string, number>();
  for (let left = checked(reader.mapHeader(), maxStatusTimes); left > 0; left -= 1) {
    const name = readableName(reader);
    const ltime = lamportTime(reader);
    if (name !== undefined) times.set(name, ltime);
  }
  return times;
}

/** Undefined for a name that is not UTF-8: Go lets such members in, and their state must not spoil everybody's. */
function readableName(reader: MsgpackReader): string | undefined {
  const start = reader.offset;
  try {
    return reader.key();
  } catch (error) {
    if (!(error instanceof DecodeError) || error.code !== 'BAD_TEXT') throw error;
    reader.back(start).skip();
    return undefined;
  }
}

function checked(count: number, most: number): number {
  if (count > most) throw new DecodeError('TOO_LARGE', `${count} entries, over ${most}`);
  return count;
}
