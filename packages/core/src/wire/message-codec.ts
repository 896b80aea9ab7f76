import { DecodeError } from './decode-error.js';
import { isUnspecified } from './endpoint.js';
import { memberNameProblem } from './member-name.js';
import { messageType } from './message-type.js';
import type {
  Ack,
  Alive,
  Dead,
  GossipMessage,
  IndirectPing,
  Nack,
  Ping,
  Suspect,
  UserMessage,
} from './messages.js';
import { FieldNames, MsgpackReader } from './msgpack-reader.js';
import { MsgpackWriter } from './msgpack-writer.js';
import { metaLimitBytes } from './tags.js';
import { decodeVersions, encodeVersions, versionsLength } from './versions.js';

export { memberNameProblem } from './member-name.js';

const u16 = 0xffff;
const u32 = 0xffff_ffff;
const writer = new MsgpackWriter('gossip');

/**
 * One message as a packet carries it, type byte first. Maps have their keys in byte order, as Go writes them
 * (spec/01 §2.1, §3). No object is made on the way but the result.
 */
export function encodeMessage(message: GossipMessage): Uint8Array {
  writer.reset();
  switch (message.type) {
    case 'ping':
      return encodePing(message);
    case 'indirectPing':
      return encodeIndirectPing(message);
    case 'ack':
      writer.byte(messageType.ack).mapHeader(2);
      writer.key('Payload').bytes(message.payload).key('SeqNo').uint(message.sequence);
      return writer.finish();
    case 'nack':
      writer.byte(messageType.nack).mapHeader(1).key('SeqNo').uint(message.sequence);
      return writer.finish();
    case 'suspect':
      return encodeAccusation(messageType.suspect, message);
    case 'dead':
      return encodeAccusation(messageType.dead, message);
    case 'alive':
      return encodeAlive(message);
    case 'user':
      return encodeUser(message);
  }
}

/**
 * The message that one part of a packet holds. Byte strings that belong to the message's own moment (a payload, a
 * user message's body, where to send an ack) are views of `part`; a member's address and metadata are copies.
 *
 * Raises DecodeError for what cannot be read, and for what no agent sends and no member may be made of: an array as
 * body, an address that is neither 4 nor 16 bytes, and in an alive message all that spec/02 M25 names.
 */
export function decodeMessage(part: Uint8Array): GossipMessage {
  const type = part[0];
  if (type === undefined) throw new DecodeError('EMPTY', 'a message without a type byte');
  if (type === messageType.user) return { type: 'user', body: viewFrom(part, 1) };
  const reader = new MsgpackReader(part, 1);
  switch (type) {
    case messageType.ping:
      return decodePing(reader);
    case messageType.indirectPing:
      return decodeIndirectPing(reader);
    case messageType.ack:
      return decodeAck(reader);
    case messageType.nack:
      return decodeNack(reader);
    case messageType.suspect:
      return decodeSuspect(reader);
    case messageType.alive:
      return decodeAlive(reader);
    case messageType.dead:
      return decodeDead(reader);
    default:
      throw new DecodeError('UNKNOWN_TYPE', `a packet cannot hold a message of type ${type}`);
  }
}

function encodePing(ping: Ping): Uint8Array {
  const { sourceAddress } = ping;
  const count = 2 + countOfSource(sourceAddress, ping.sourceNode, ping.sourcePort);
  writer.byte(messageType.ping).mapHeader(count);
  writer.key('Node').text(ping.node).key('SeqNo').uint(ping.sequence);
  encodeSource(sourceAddress, ping.sourceNode, ping.sourcePort);
  return writer.finish();
}

function encodeIndirectPing(request: IndirectPing): Uint8Array {
  const { sourceAddress } = request;
  const count = 5 + countOfSource(sourceAddress, request.sourceNode, request.sourcePort);
  writer.byte(messageType.indirectPing).mapHeader(count);
  writer.key('Nack').bool(request.nack).key('Node').text(request.node);
  writer.key('Port').uint(request.port).key('SeqNo').uint(request.sequence);
  encodeSource(sourceAddress, request.sourceNode, request.sourcePort);
  writer.key('Target').bytes(request.target);
  return writer.finish();
}

/** Source fields are left out of the map where they say nothing. */
function countOfSource(address: Uint8Array | undefined, node: string, port: number): number {
  return (isGiven(address) ? 1 : 0) + (node === '' ? 0 : 1) + (port === 0 ? 0 : 1);
}

function encodeSource(address: Uint8Array | undefined, node: string, port: number): void {
  if (isGiven(address)) writer.key('SourceAddr').bytes(address);
  if (node !== '') writer.key('SourceNode').text(node);
  if (port !== 0) writer.key('SourcePort').uint(port);
}

function isGiven(address: Uint8Array | undefined): boolean {
  return address !== undefined && address.length > 0;
}

function encodeAccusation(type: number, message: Suspect | Dead): Uint8Array {
  writer.byte(type).mapHeader(3).key('From').text(message.from);
  writer.key('Incarnation').uint(message.incarnation).key('Node').text(message.node);
  return writer.finish();
}

function encodeAlive(alive: Alive): Uint8Array {
  writer.byte(messageType.alive).mapHeader(6).key('Addr').bytes(alive.address);
  writer.key('Incarnation').uint(alive.incarnation).key('Meta').bytes(alive.meta);
  writer.key('Node').text(alive.node).key('Port').uint(alive.port);
  writer.key('Vsn').bytes(encodeVersions(alive.versions));
  return writer.finish();
}

function encodeUser(message: UserMessage): Uint8Array {
  const part = new Uint8Array(1 + message.body.length);
  part[0] = messageType.user;
  part.set(message.body, 1);
  return part;
}

const pingFields = new FieldNames('Node', 'SeqNo', 'SourceAddr', 'SourceNode', 'SourcePort');

/** The body of a ping, which streams carry too. */
export function decodePing(reader: MsgpackReader): Ping {
  let sequence = 0;
  let node = '';
  let sourceAddress: Uint8Array | undefined;
  let sourcePort = 0;
  let sourceNode = '';
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(pingFields)) {
      case 'Node':
        node = reader.text();
        break;
      case 'SeqNo':
        sequence = reader.uint(u32);
        break;
      case 'SourceAddr':
        sourceAddress = reader.bytes();
        break;
      case 'SourceNode':
        sourceNode = reader.text();
        break;
      case 'SourcePort':
        sourcePort = reader.uint(u16);
        break;
      default:
        reader.skip();
    }
  }
  sourceAddress = checkedSource(sourceAddress);
  return { type: 'ping', sequence, node, sourceAddress, sourcePort, sourceNode };
}

const indirectPingFields = new FieldNames(
  'Nack',
  'Node',
  'Port',
  'SeqNo',
  'SourceAddr',
  'SourceNode',
  'SourcePort',
  'Target',
);

function decodeIndirectPing(reader: MsgpackReader): IndirectPing {
  let sequence = 0;
  let target: Uint8Array | undefined;
  let port = 0;
  let node = '';
  let nack = false;
  let sourceAddress: Uint8Array | undefined;
  let sourcePort = 0;
  let sourceNode = '';
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(indirectPingFields)) {
      case 'Nack':
        nack = reader.bool();
        break;
      case 'Node':
        node = reader.text();
        break;
      case 'Port':
        port = reader.uint(u16);
        break;
      case 'SeqNo':
        sequence = reader.uint(u32);
        break;
      case 'SourceAddr':
        sourceAddress = reader.bytes();
        break;
      case 'SourceNode':
        sourceNode = reader.text();
        break;
      case 'SourcePort':
        sourcePort = reader.uint(u16);
        break;
      case 'Target':
        target = reader.bytes();
        break;
      default:
        reader.skip();
    }
  }
  sourceAddress = checkedSource(sourceAddress);
  return {
    type: 'indirectPing',
    sequence,
    target: checkedAddress(target),
    port,
    node,
    nack,
    sourceAddress,
    sourcePort,
    sourceNode,
  };
}

const ackFields = new FieldNames('Payload', 'SeqNo');

/** The body of an ack, which streams carry too. */
export function decodeAck(reader: MsgpackReader): Ack {
  let sequence = 0;
  let payload: Uint8Array | undefined;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(ackFields)) {
      case 'Payload':
        payload = reader.bytes();
        break;
      case 'SeqNo':
        sequence = reader.uint(u32);
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'ack', sequence, payload };
}

const nackFields = new FieldNames('SeqNo');

function decodeNack(reader: MsgpackReader): Nack {
  let sequence = 0;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    if (reader.field(nackFields) === 'SeqNo') sequence = reader.uint(u32);
    else reader.skip();
  }
  return { type: 'nack', sequence };
}

const accusationFields = new FieldNames('From', 'Incarnation', 'Node');

function decodeSuspect(reader: MsgpackReader): Suspect {
  let incarnation = 0;
  let node = '';
  let from = '';
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(accusationFields)) {
      case 'From':
        from = reader.text();
        break;
      case 'Incarnation':
        incarnation = reader.uint(u32);
        break;
      case 'Node':
        node = reader.text();
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'suspect', incarnation, node, from };
}

function decodeDead(reader: MsgpackReader): Dead {
  const { incarnation, node, from } = decodeSuspect(reader);
  return { type: 'dead', incarnation, node, from };
}

const aliveFields = new FieldNames('Addr', 'Incarnation', 'Meta', 'Node', 'Port', 'Vsn');

function decodeAlive(reader: MsgpackReader): Alive {
  let incarnation = 0;
  let node = '';
  let address: Uint8Array | undefined;
  let port = 0;
  let meta: Uint8Array | undefined;
  let versions: Uint8Array | undefined;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(aliveFields)) {
      case 'Addr':
        address = reader.bytesCopy();
        break;
      case 'Incarnation':
        incarnation = reader.uint(u32);
        break;
      case 'Meta':
        meta = reader.bytesCopy();
        break;
      case 'Node':
        node = reader.text();
        break;
      case 'Port':
        port = reader.uint(u16);
        break;
      case 'Vsn':
        versions = reader.bytes();
        break;
      default:
        reader.skip();
    }
  }
  checkAlive(node, port, meta, versions);
  return {
    type: 'alive',
    incarnation,
    node,
    address: checkedMemberAddress(address),
    port,
    meta: meta ?? new Uint8Array(0),
    versions: decodeVersions(versions),
  };
}

/** What a member cannot be made of (spec/02 M25). */
function checkAlive(
  node: string,
  port: number,
  meta: Uint8Array | undefined,
  versions: Uint8Array | undefined,
): void {
  const problem = memberNameProblem(node);
  if (problem !== undefined) throw new DecodeError('BAD_NAME', `a member's name is ${problem}`);
  if (port === 0) throw new DecodeError('BAD_PORT', 'a member announces port 0');
  if (versions === undefined || versions.length < versionsLength) {
    throw new DecodeError('BAD_VERSIONS', `${versions?.length ?? 0} version bytes instead of six`);
  }
  if (meta !== undefined && meta.length > metaLimitBytes) {
    throw new DecodeError('BAD_META', `${meta.length} bytes of metadata, over ${metaLimitBytes}`);
  }
}

function checkedMemberAddress(address: Uint8Array | undefined): Uint8Array {
  const checked = checkedAddress(address);
  if (isUnspecified(checked)) throw new DecodeError('BAD_ADDRESS', 'the address leads nowhere');
  return checked;
}

function checkedAddress(address: Uint8Array | undefined): Uint8Array {
  if (address?.length === 4 || address?.length === 16) return address;
  const length = address?.length ?? 0;
  throw new DecodeError('BAD_ADDRESS', `an address of ${length} bytes instead of 4 or 16`);
}

/** Absent and empty both mean "the packet's source". */
function checkedSource(address: Uint8Array | undefined): Uint8Array | undefined {
  return address === undefined || address.length === 0 ? undefined : checkedAddress(address);
}

/** A plain Uint8Array even of a Buffer. */
function viewFrom(bytes: Uint8Array, from: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, bytes.length - from);
}
