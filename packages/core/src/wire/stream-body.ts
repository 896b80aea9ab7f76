import { DecodeError } from './decode-error.js';
import { decodeAck, decodePing } from './message-codec.js';
import { messageType } from './message-type.js';
import type { Ack, Ping, PushPullNode, PushPullState } from './messages.js';
import { FieldNames, MsgpackReader } from './msgpack-reader.js';
import type { ObjectScanner } from './object-scanner.js';
import {
  decodePushPull,
  decodePushPullHeader,
  decodePushPullNode,
  type PushPullHeader,
} from './push-pull.js';
import { maxStreamPayloadBytes } from './stream-frame.js';

/** What one direction of a stream can hold. */
export type StreamMessage =
  | { readonly type: 'pushPull'; readonly state: PushPullState }
  | { readonly type: 'ping'; readonly ping: Ping }
  | { readonly type: 'ack'; readonly ack: Ack }
  | { readonly type: 'user'; readonly body: Uint8Array }
  | { readonly type: 'error'; readonly error: string };

export type StreamRole = 'accepting' | 'dialling';

/** Reads a message's body as far as it has arrived; undefined until it is whole. Raises DecodeError. */
export type ReadBody = (input: ObjectScanner) => StreamMessage | undefined;

/** The node states of one push/pull may take this much; Go knows no limit in plaintext (spec/01 §16 W11). */
const maxNodeStatesBytes = 40 * 1024 * 1024;

/**
 * How to read a message of `type`; `whole` when all of it is there already. Raises UNKNOWN_TYPE where the role does not
 * expect it (spec/01 §10.2, §10.3).
 */
export function bodyOf(type: number, role: StreamRole, whole: boolean): ReadBody {
  if (type === messageType.pushPull) return whole ? wholePushPull : pushPullBody();
  if (role === 'accepting') {
    if (type === messageType.user) return userBody();
    if (type === messageType.ping) {
      return objectBody((reader) => ({ type: 'ping', ping: decodePing(reader) }));
    }
  } else {
    if (type === messageType.ack) {
      return objectBody((reader) => ({ type: 'ack', ack: decodeAck(reader) }));
    }
    if (type === messageType.error) {
      return objectBody((reader) => ({ type: 'error', error: decodeErrorText(reader) }));
    }
  }
  throw new DecodeError('UNKNOWN_TYPE', `a stream cannot bring a message of type ${type} here`);
}

function objectBody(decode: (reader: MsgpackReader) => StreamMessage): ReadBody {
  return (input) => {
    const object = input.next();
    return object && decode(new MsgpackReader(object));
  };
}

/** Without looking for the ends of its parts first. */
function wholePushPull(input: ObjectScanner): StreamMessage | undefined {
  const body = input.take(input.pending);
  return body && { type: 'pushPull', state: decodePushPull(body) };
}

/** A header, the node states one by one, the user state: each is decoded once, when it is there. */
function pushPullBody(): ReadBody {
  let header: PushPullHeader | undefined;
  let nodeStatesBytes = 0;
  const nodes: PushPullNode[] = [];
  return (input) => {
    if (header === undefined) {
      const object = input.next();
      if (object === undefined) return undefined;
      header = decodePushPullHeader(new MsgpackReader(object));
    }
    while (nodes.length < header.nodeCount) {
      const object = input.next();
      if (object === undefined) return undefined;
      nodeStatesBytes += object.length;
      if (nodeStatesBytes > maxNodeStatesBytes) {
        throw new DecodeError('TOO_LARGE', `node states exceed ${maxNodeStatesBytes} bytes`);
      }
      nodes.push(decodePushPullNode(new MsgpackReader(object)));
    }
    const userState = input.take(header.userStateBytes);
    return userState && { type: 'pushPull', state: { join: header.join, nodes, userState } };
  };
}

function userBody(): ReadBody {
  let length: number | undefined;
  return (input) => {
    if (length === undefined) {
      const object = input.next();
      if (object === undefined) return undefined;
      length = decodeUserHeader(new MsgpackReader(object));
    }
    const body = input.take(length);
    return body && { type: 'user', body };
  };
}

const userHeaderFields = new FieldNames('UserMsgLen');

function decodeUserHeader(reader: MsgpackReader): number {
  let length = 0;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    if (reader.field(userHeaderFields) === 'UserMsgLen')
      length = reader.uint(maxStreamPayloadBytes);
    else reader.skip();
  }
  return length;
}

const errorFields = new FieldNames('Error');

function decodeErrorText(reader: MsgpackReader): string {
  let error = '';
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    if (reader.field(errorFields) === 'Error') error = reader.lossyText();
    else reader.skip();
  }
  return error;
}
