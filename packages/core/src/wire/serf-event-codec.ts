import { FieldNames, type MsgpackReader } from './msgpack-reader.js';
import type { MsgpackWriter } from './msgpack-writer.js';
import { maxLamportTime } from './serf-message-type.js';
import type { JoinIntent, LeaveIntent, UserEventMessage } from './serf-messages.js';

/* Intents and user events: the bodies that gossip carries most. */

export function encodeLeave(writer: MsgpackWriter, intent: LeaveIntent): void {
  writer.mapHeader(3).key('LTime').uint(intent.ltime).key('Node').text(intent.node);
  writer.key('Prune').bool(intent.prune);
}

export function encodeJoin(writer: MsgpackWriter, intent: JoinIntent): void {
  writer.mapHeader(2).key('LTime').uint(intent.ltime).key('Node').text(intent.node);
}

export function encodeUserEvent(writer: MsgpackWriter, event: UserEventMessage): void {
  writer.mapHeader(4).key('CC').bool(event.coalesce).key('LTime').uint(event.ltime);
  writer.key('Name').text(event.name).key('Payload').bytes(event.payload);
}

const intentFields = new FieldNames('LTime', 'Node', 'Prune');

export function decodeLeave(reader: MsgpackReader): LeaveIntent {
  let ltime = 0;
  let node = '';
  let prune = false;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(intentFields)) {
      case 'LTime':
        ltime = reader.uint(maxLamportTime);
        break;
      case 'Node':
        node = reader.text();
        break;
      case 'Prune':
        prune = reader.bool();
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'leave', ltime, node, prune };
}

const joinFields = new FieldNames('LTime', 'Node');

export function decodeJoin(reader: MsgpackReader): JoinIntent {
  let ltime = 0;
  let node = '';
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(joinFields)) {
      case 'LTime':
        ltime = reader.uint(maxLamportTime);
        break;
      case 'Node':
        node = reader.text();
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'join', ltime, node };
}

const userEventFields = new FieldNames('CC', 'LTime', 'Name', 'Payload');

/** An event's name is the application's: one that is not UTF-8 still arrives, with U+FFFD in it. */
export function decodeUserEvent(reader: MsgpackReader): UserEventMessage {
  let coalesce = false;
  let ltime = 0;
  let name = '';
  let payload: Uint8Array | undefined;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(userEventFields)) {
      case 'CC':
        coalesce = reader.bool();
        break;
      case 'LTime':
        ltime = reader.uint(maxLamportTime);
        break;
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
  return { type: 'userEvent', ltime, name, payload, coalesce };
}
