import { DecodeError } from './decode-error.js';
import { messageType } from './message-type.js';
import type { PushPullNode, PushPullState } from './messages.js';
import { FieldNames, MsgpackReader } from './msgpack-reader.js';
import { MsgpackWriter } from './msgpack-writer.js';
import { decodeVersions, encodeVersions } from './versions.js';

/** What memberlist's newest version takes at most (spec/01 §12). */
const maxPushPullNodes = 1_048_576;
const maxUserStateBytes = 20 * 1024 * 1024;

const u16 = 0xffff;
const u32 = 0xffff_ffff;
/** The numbers of the states on the wire are their places in this list. */
const states = ['alive', 'suspect', 'dead', 'left'] as const;
const noBytes = new Uint8Array(0);
const writer = new MsgpackWriter('gossip');

/** One side's state as a stream carries it, type byte first (spec/01 §10.4). */
export function encodePushPull(state: PushPullState): Uint8Array {
  const { nodes, userState } = state;
  writer.reset();
  writer.byte(messageType.pushPull).mapHeader(3).key('Join').bool(state.join);
  writer.key('Nodes').int(nodes.length).key('UserStateLen').int(userState.length);
  for (const node of nodes) encodeNode(node);
  return writer.raw(userState).finish();
}

/**
 * The whole state in `body`, which follows the type byte. `userState` is a view of it. Raises DecodeError; TRUNCATED
 * when less is there than the header announces.
 */
export function decodePushPull(body: Uint8Array): PushPullState {
  const reader = new MsgpackReader(body);
  const header = decodePushPullHeader(reader);
  if (header.nodeCount > reader.remaining) {
    throw new DecodeError('TRUNCATED', 'fewer nodes than the push/pull announces');
  }
  const nodes: PushPullNode[] = [];
  for (let left = header.nodeCount; left > 0; left -= 1) nodes.push(decodePushPullNode(reader));
  const rest = reader.rest();
  if (rest.length < header.userStateBytes) {
    throw new DecodeError('TRUNCATED', 'less user state than the push/pull announces');
  }
  return { join: header.join, nodes, userState: rest.subarray(0, header.userStateBytes) };
}

/** What stands first in a push/pull. Both numbers are claims: believe them only as far as bytes follow. */
export interface PushPullHeader {
  readonly nodeCount: number;
  readonly userStateBytes: number;
  readonly join: boolean;
}

const headerFields = new FieldNames('Join', 'Nodes', 'UserStateLen');

export function decodePushPullHeader(reader: MsgpackReader): PushPullHeader {
  let nodeCount = 0;
  let userStateBytes = 0;
  let join = false;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(headerFields)) {
      case 'Join':
        join = reader.bool();
        break;
      case 'Nodes':
        nodeCount = reader.uint(maxPushPullNodes);
        break;
      case 'UserStateLen':
        userStateBytes = reader.uint(maxUserStateBytes);
        break;
      default:
        reader.skip();
    }
  }
  return { nodeCount, userStateBytes, join };
}

const nodeFields = new FieldNames('Addr', 'Incarnation', 'Meta', 'Name', 'Port', 'State', 'Vsn');

/**
 * What a push/pull says of one member. An entry that makes no sense must not spoil the others: a state that does not
 * exist and a name that is not UTF-8 give `unknown`, an odd address stays as it is. Nothing refers to the bytes read.
 */
export function decodePushPullNode(reader: MsgpackReader): PushPullNode {
  let name = '';
  let address: Uint8Array | undefined;
  let port = 0;
  let meta: Uint8Array | undefined;
  let incarnation = 0;
  let state: PushPullNode['state'] = 'alive';
  let versions: Uint8Array | undefined;
  let readable = true;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(nodeFields)) {
      case 'Addr':
        address = reader.bytesCopy();
        break;
      case 'Incarnation':
        incarnation = reader.uint(u32);
        break;
      case 'Meta':
        meta = reader.bytesCopy();
        break;
      case 'Name': {
        const text = readName(reader);
        readable = text !== undefined;
        name = text ?? '';
        break;
      }
      case 'Port':
        port = reader.uint(u16);
        break;
      case 'State':
        state = states[Number(reader.integer())] ?? 'unknown';
        break;
      case 'Vsn':
        versions = reader.bytes();
        break;
      default:
        reader.skip();
    }
  }
  return {
    name,
    address: address ?? noBytes,
    port,
    meta: meta ?? noBytes,
    incarnation,
    state: readable ? state : 'unknown',
    versions: decodeVersions(versions),
  };
}

/** Undefined for a name that is not UTF-8. */
function readName(reader: MsgpackReader): string | undefined {
  const start = reader.offset;
  try {
    return reader.text();
  } catch (error) {
    if (!(error instanceof DecodeError) || error.code !== 'BAD_TEXT') throw error;
    reader.back(start).skip();
    return undefined;
  }
}

function encodeNode(node: PushPullNode): void {
  const state = states.indexOf(node.state as (typeof states)[number]);
  if (state < 0) throw new RangeError(`${node.name} has a state that cannot be sent`);
  writer.mapHeader(7).key('Addr').bytes(node.address);
  writer.key('Incarnation').uint(node.incarnation).key('Meta').bytes(node.meta);
  writer.key('Name').text(node.name).key('Port').uint(node.port);
  writer.key('State').int(state).key('Vsn').bytes(encodeVersions(node.versions));
}
