import { DecodeError } from './decode-error.js';
import { FieldNames, type MsgpackReader } from './msgpack-reader.js';
import type { MsgpackWriter } from './msgpack-writer.js';
import { maxLamportTime } from './serf-message-type.js';
import type { QueryMessage, QueryResponse, Relay } from './serf-messages.js';

/* Queries, their answers, and answers that go by way of others. */

const u8 = 0xff;
const u16 = 0xffff;
const u32 = 0xffff_ffff;
const noBytes = new Uint8Array(0);

export function encodeQuery(writer: MsgpackWriter, query: QueryMessage): void {
  writer.mapHeader(11).key('Addr').bytes(query.address);
  writer.key('Filters');
  if (query.filters === undefined) writer.nil();
  else {
    writer.arrayHeader(query.filters.length);
    for (const filter of query.filters) writer.bytes(filter);
  }
  writer.key('Flags').uint(query.flags).key('ID').uint(query.id);
  writer.key('LTime').uint(query.ltime).key('Name').text(query.name);
  writer.key('Payload').bytes(query.payload).key('Port').uint(query.port);
  writer.key('RelayFactor').uint(query.relayFactor);
  writer.key('SourceNode').text(query.sourceNode).key('Timeout').int(query.timeout);
}

export function encodeQueryResponse(writer: MsgpackWriter, response: QueryResponse): void {
  writer.mapHeader(5).key('Flags').uint(response.flags).key('From').text(response.from);
  writer.key('ID').uint(response.id).key('LTime').uint(response.ltime);
  writer.key('Payload').bytes(response.payload);
}

/** The port is a signed field here, unlike everywhere else (spec/03 §4.1). */
export function encodeRelay(writer: MsgpackWriter, relay: Relay): void {
  writer.mapHeader(2).key('DestAddr').mapHeader(3).key('IP').bytes(relay.address);
  writer.key('Port').int(relay.port).key('Zone').text(relay.zone);
  writer.key('DestName').text(relay.node).raw(relay.inner);
}

const queryFields = new FieldNames(
  'Addr',
  'Filters',
  'Flags',
  'ID',
  'LTime',
  'Name',
  'Payload',
  'Port',
  'RelayFactor',
  'SourceNode',
  'Timeout',
);

/** Where to answer may make no sense: the query is still one to spread and to handle. */
export function decodeQuery(reader: MsgpackReader): QueryMessage {
  let ltime = 0;
  let id = 0;
  let address: Uint8Array | undefined;
  let port = 0;
  let sourceNode = '';
  let filters: Uint8Array[] | undefined;
  let flags = 0;
  let relayFactor = 0;
  let timeout = 0;
  let name = '';
  let payload: Uint8Array | undefined;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(queryFields)) {
      case 'Addr':
        address = reader.bytesCopy();
        break;
      case 'Filters':
        filters = decodeFilters(reader);
        break;
      case 'Flags':
        flags = reader.uint(u32);
        break;
      case 'ID':
        id = reader.uint(u32);
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
      case 'Port':
        port = reader.uint(u16);
        break;
      case 'RelayFactor':
        relayFactor = reader.uint(u8);
        break;
      case 'SourceNode':
        sourceNode = reader.lossyText();
        break;
      case 'Timeout':
        timeout = decodeNanoseconds(reader);
        break;
      default:
        reader.skip();
    }
  }
  return {
    type: 'query',
    ltime,
    id,
    address: address ?? noBytes,
    port,
    sourceNode,
    filters,
    flags,
    relayFactor,
    timeout,
    name,
    payload,
  };
}

function decodeFilters(reader: MsgpackReader): Uint8Array[] | undefined {
  if (reader.tryNil()) return undefined;
  const filters: Uint8Array[] = [];
  for (let left = reader.arrayHeader(); left > 0; left -= 1) {
    const filter = reader.bytesCopy();
    if (filter === undefined || filter.length === 0) {
      throw new DecodeError('BAD_FILTER', 'a filter of no bytes');
    }
    filters.push(filter);
  }
  return filters;
}

/** Signed 64 bits; from 2^53 up, which is 104 days, all is for ever. */
function decodeNanoseconds(reader: MsgpackReader): number {
  const value = Number(reader.integer());
  return Math.max(-maxLamportTime, Math.min(maxLamportTime, value));
}

const responseFields = new FieldNames('Flags', 'From', 'ID', 'LTime', 'Payload');

export function decodeQueryResponse(reader: MsgpackReader): QueryResponse {
  let ltime = 0;
  let id = 0;
  let from = '';
  let flags = 0;
  let payload: Uint8Array | undefined;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(responseFields)) {
      case 'Flags':
        flags = reader.uint(u32);
        break;
      case 'From':
        from = reader.lossyText();
        break;
      case 'ID':
        id = reader.uint(u32);
        break;
      case 'LTime':
        ltime = reader.uint(maxLamportTime);
        break;
      case 'Payload':
        payload = reader.bytesCopy();
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'queryResponse', ltime, id, from, flags, payload };
}

const relayFields = new FieldNames('DestAddr', 'DestName');

export function decodeRelay(reader: MsgpackReader): Relay {
  let destination: Destination | undefined;
  let node = '';
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(relayFields)) {
      case 'DestAddr':
        destination = decodeDestination(reader);
        break;
      case 'DestName':
        node = reader.text();
        break;
      default:
        reader.skip();
    }
  }
  if (destination === undefined) throw new DecodeError('BAD_ADDRESS', 'a relay to nowhere');
  if (reader.remaining === 0) throw new DecodeError('EMPTY', 'a relay of nothing');
  return { type: 'relay', ...destination, node, inner: reader.rest() };
}

type Destination = Pick<Relay, 'address' | 'port' | 'zone'>;

const destinationFields = new FieldNames('IP', 'Port', 'Zone');

function decodeDestination(reader: MsgpackReader): Destination {
  let address: Uint8Array | undefined;
  let port = 0;
  let zone = '';
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(destinationFields)) {
      case 'IP':
        address = reader.bytesCopy();
        break;
      case 'Port':
        port = reader.uint(u16);
        break;
      case 'Zone':
        zone = reader.text();
        break;
      default:
        reader.skip();
    }
  }
  if (address?.length !== 4 && address?.length !== 16) {
    throw new DecodeError('BAD_ADDRESS', `a relay to an address of ${address?.length ?? 0} bytes`);
  }
  return { address, port, zone };
}
