import { DecodeError } from './decode-error.js';
import { MsgpackReader } from './msgpack-reader.js';
import { MsgpackWriter } from './msgpack-writer.js';
import * as event from './serf-event-codec.js';
import * as internal from './serf-internal-codec.js';
import { serfMessageType } from './serf-message-type.js';
import type { SerfMessage } from './serf-messages.js';
import * as query from './serf-query-codec.js';
import * as state from './serf-state-codec.js';

export { decodeFilter, encodeFilter } from './filter.js';

const writer = new MsgpackWriter('gossip');

/** A message of Serf's layer with its type byte, without memberlist's (spec/03 §3, §4). */
export function encodeSerfMessage(message: SerfMessage): Uint8Array {
  writer.reset();
  writer.byte(serfMessageType[message.type]);
  switch (message.type) {
    case 'leave':
      event.encodeLeave(writer, message);
      break;
    case 'join':
      event.encodeJoin(writer, message);
      break;
    case 'state':
      state.encodeState(writer, message);
      break;
    case 'userEvent':
      event.encodeUserEvent(writer, message);
      break;
    case 'query':
      query.encodeQuery(writer, message);
      break;
    case 'queryResponse':
      query.encodeQueryResponse(writer, message);
      break;
    case 'conflictResponse':
      internal.encodeConflictResponse(writer, message);
      break;
    case 'keyRequest':
      internal.encodeKeyRequest(writer, message);
      break;
    case 'keyResponse':
      internal.encodeKeyResponse(writer, message);
      break;
    case 'relay':
      query.encodeRelay(writer, message);
      break;
  }
  return writer.finish();
}

/**
 * The message in `body`, which begins with Serf's type byte. Payloads are copies, so that what is kept of a message
 * doesn't hold on to its packet; a relay's `inner` is a view.
 *
 * Raises DecodeError, also for a Lamport time from 2^53 up (but in a state), an array as body, a query with an empty filter (those kill
 * Go agents and must not travel on) and an impossible relay address.
 */
export function decodeSerfMessage(body: Uint8Array): SerfMessage {
  const type = body[0];
  if (type === undefined) throw new DecodeError('EMPTY', 'a Serf message without a type byte');
  const reader = new MsgpackReader(body, 1);
  switch (type) {
    case serfMessageType.leave:
      return event.decodeLeave(reader);
    case serfMessageType.join:
      return event.decodeJoin(reader);
    case serfMessageType.state:
      return state.decodeState(reader);
    case serfMessageType.userEvent:
      return event.decodeUserEvent(reader);
    case serfMessageType.query:
      return query.decodeQuery(reader);
    case serfMessageType.queryResponse:
      return query.decodeQueryResponse(reader);
    case serfMessageType.conflictResponse:
      return internal.decodeConflictResponse(reader);
    case serfMessageType.keyRequest:
      return internal.decodeKeyRequest(reader);
    case serfMessageType.keyResponse:
      return internal.decodeKeyResponse(reader);
    case serfMessageType.relay:
      return query.decodeRelay(reader);
    default:
      throw new DecodeError('UNKNOWN_TYPE', `a Serf message of type ${type}`);
  }
}
