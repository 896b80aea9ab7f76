export { AddressError } from '@tserf/core/host-port';
export { Client, type ConnectOptions, type MemberFilter } from './client.js';
export type { QueryOptions } from './open-query.js';
export type {
  Codec,
  StructCodec,
  Unsigned64,
  ValueOf,
} from './protocol/codec.js';
export {
  type CommandName,
  commands,
  isCommandName,
  logRecord,
  protocolVersion,
  type ReplyOf,
  type RequestOf,
  type Stats,
} from './protocol/commands.js';
export { type CoordinateRecord, noCoordinate } from './protocol/coordinate-record.js';
export {
  type EventRecord,
  eventRecord,
  isMemberEventType,
  type MemberEventRecord,
  type MemberEventType,
  type QueryEventRecord,
  type UserEventRecord,
} from './protocol/event-record.js';
export {
  type RequestHeader,
  type ResponseHeader,
  requestHeader,
  responseHeader,
} from './protocol/header.js';
export { type HostPort, parseHostPort } from './protocol/host-port.js';
export type { KeyReport } from './protocol/key-report.js';
export type { MemberRecord, MemberVersions } from './protocol/member-record.js';
export { encodeHeader, encodeReply, writeRecord } from './protocol/message.js';
export { type QueryRecord, type QueryUpdate, queryRecord } from './protocol/query-record.js';
export { refusals } from './protocol/refusals.js';
export { isLookupError, systemErrorText } from './protocol/system-errors.js';
export { RecordStream } from './record-stream.js';
export { KeyError, RpcError, type RpcErrorCode } from './rpc-error.js';
