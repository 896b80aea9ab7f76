/**
 * The package's second door: msgpack for Serf's RPC protocol, without the engine behind the first.
 *
 * The codec is our own, as the usual library for JavaScript can write neither the old raw family nor the widths that Go
 * gives signed numbers, and reads a stream only as an async iterator.
 */
export { DecodeError, type DecodeErrorCode } from './wire/decode-error.js';
export { FieldNames, type MsgpackKind, MsgpackReader } from './wire/msgpack-reader.js';
export { decodeValue, type MsgpackExtension, type MsgpackValue } from './wire/msgpack-value.js';
export { type MsgpackDialect, MsgpackWriter } from './wire/msgpack-writer.js';
export { ObjectScanner, type ObjectScannerLimits } from './wire/object-scanner.js';
