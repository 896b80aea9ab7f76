import { FieldNames, type MsgpackReader } from './msgpack-reader.js';
import type { MsgpackWriter } from './msgpack-writer.js';
import type { ConflictMember, ConflictResponse, KeyRequest, KeyResponse } from './serf-messages.js';
import { decodeTagMap, encodeTagMap, type Tags } from './tags.js';

/* What travels as payload of the internal queries and their answers (spec/03 §15). */

const u8 = 0xff;
const u16 = 0xffff;
const noBytes = new Uint8Array(0);

export function encodeConflictResponse(writer: MsgpackWriter, response: ConflictResponse): void {
  const { member } = response;
  if (member === undefined) {
    writer.nil();
    return;
  }
  writer.mapHeader(11).key('Addr').bytes(member.address);
  writer.key('DelegateCur').uint(member.delegateCurrent);
  writer.key('DelegateMax').uint(member.delegateMax);
  writer.key('DelegateMin').uint(member.delegateMin);
  writer.key('Name').text(member.name).key('Port').uint(member.port);
  writer.key('ProtocolCur').uint(member.protocolCurrent);
  writer.key('ProtocolMax').uint(member.protocolMax);
  writer.key('ProtocolMin').uint(member.protocolMin);
  writer.key('Status').int(member.status).key('Tags');
  encodeTagMap(writer, member.tags);
}

export function encodeKeyRequest(writer: MsgpackWriter, request: KeyRequest): void {
  writer.mapHeader(1).key('Key').bytes(request.key);
}

export function encodeKeyResponse(writer: MsgpackWriter, response: KeyResponse): void {
  writer.mapHeader(4).key('Keys');
  if (response.keys === undefined) writer.nil();
  else {
    writer.arrayHeader(response.keys.length);
    for (const key of response.keys) writer.text(key);
  }
  writer.key('Message').text(response.message);
  writer.key('PrimaryKey').text(response.primaryKey).key('Result').bool(response.result);
}

const memberFields = new FieldNames(
  'Addr',
  'DelegateCur',
  'DelegateMax',
  'DelegateMin',
  'Name',
  'Port',
  'ProtocolCur',
  'ProtocolMax',
  'ProtocolMin',
  'Status',
  'Tags',
);

const noTags: Tags = Object.freeze(Object.create(null));

export function decodeConflictResponse(reader: MsgpackReader): ConflictResponse {
  if (reader.tryNil()) return { type: 'conflictResponse', member: undefined };
  const member: { -readonly [Field in keyof ConflictMember]: ConflictMember[Field] } = {
    name: '',
    address: noBytes,
    port: 0,
    tags: noTags,
    status: 0,
    protocolMin: 0,
    protocolMax: 0,
    protocolCurrent: 0,
    delegateMin: 0,
    delegateMax: 0,
    delegateCurrent: 0,
  };
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(memberFields)) {
      case 'Addr':
        member.address = reader.bytesCopy() ?? noBytes;
        break;
      case 'DelegateCur':
        member.delegateCurrent = reader.uint(u8);
        break;
      case 'DelegateMax':
        member.delegateMax = reader.uint(u8);
        break;
      case 'DelegateMin':
        member.delegateMin = reader.uint(u8);
        break;
      case 'Name':
        member.name = reader.text();
        break;
      case 'Port':
        member.port = reader.uint(u16);
        break;
      case 'ProtocolCur':
        member.protocolCurrent = reader.uint(u8);
        break;
      case 'ProtocolMax':
        member.protocolMax = reader.uint(u8);
        break;
      case 'ProtocolMin':
        member.protocolMin = reader.uint(u8);
        break;
      case 'Status':
        member.status = reader.int();
        break;
      case 'Tags':
        member.tags = decodeTagMap(reader);
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'conflictResponse', member };
}

const keyRequestFields = new FieldNames('Key');

export function decodeKeyRequest(reader: MsgpackReader): KeyRequest {
  let key: Uint8Array | undefined;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    if (reader.field(keyRequestFields) === 'Key') key = reader.bytesCopy();
    else reader.skip();
  }
  return { type: 'keyRequest', key: key ?? noBytes };
}

const keyResponseFields = new FieldNames('Keys', 'Message', 'PrimaryKey', 'Result');

export function decodeKeyResponse(reader: MsgpackReader): KeyResponse {
  let keys: string[] | undefined;
  let message = '';
  let primaryKey = '';
  let result = false;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(keyResponseFields)) {
      case 'Keys':
        keys = decodeKeys(reader);
        break;
      case 'Message':
        message = reader.lossyText();
        break;
      case 'PrimaryKey':
        primaryKey = reader.lossyText();
        break;
      case 'Result':
        result = reader.bool();
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'keyResponse', result, message, keys, primaryKey };
}

function decodeKeys(reader: MsgpackReader): string[] | undefined {
  if (reader.tryNil()) return undefined;
  const keys: string[] = [];
  for (let left = reader.arrayHeader(); left > 0; left -= 1) keys.push(reader.lossyText());
  return keys;
}
