import { DecodeError } from '../wire/decode-error.js';
import { FieldNames, MsgpackReader } from '../wire/msgpack-reader.js';
import { MsgpackWriter } from '../wire/msgpack-writer.js';
import { type Coordinate, dimensions } from './coordinate.js';

/** First byte of the payload: the version of the ping payload (spec/04 §6). */
const payloadVersion = 1;

const writer = new MsgpackWriter('gossip', 256);

/** What an ack carries: 130 bytes with eight dimensions. */
export function encodePingPayload(coordinate: Coordinate): Uint8Array {
  writer.byte(payloadVersion).mapHeader(4);
  writer.key('Adjustment').float64(coordinate.adjustment).key('Error').float64(coordinate.error);
  writer.key('Height').float64(coordinate.height).key('Vec').arrayHeader(coordinate.vec.length);
  for (const part of coordinate.vec) writer.float64(part);
  return writer.finish();
}

const fields = new FieldNames('Adjustment', 'Error', 'Height', 'Vec');

/** Reads a payload. Raises a DecodeError; a missing number is 0, as Go has it. */
export function decodePingPayload(payload: Uint8Array): Coordinate {
  if (payload[0] !== payloadVersion) {
    throw new DecodeError('BAD_BODY', `unsupported ping payload version ${payload[0]}`);
  }
  const reader = new MsgpackReader(payload, 1);
  let adjustment = 0;
  let error = 0;
  let height = 0;
  let vec: readonly number[] = [];
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(fields)) {
      case 'Adjustment':
        adjustment = reader.float();
        break;
      case 'Error':
        error = reader.float();
        break;
      case 'Height':
        height = reader.float();
        break;
      case 'Vec':
        vec = decodeVec(reader);
        break;
      default:
        reader.skip();
    }
  }
  return { vec, error, adjustment, height };
}

/** The length is looked at before anything is allocated for it (spec/04 §10, 7). */
function decodeVec(reader: MsgpackReader): readonly number[] {
  const count = reader.arrayHeader();
  if (count !== dimensions && count !== 0) {
    throw new DecodeError('BAD_BODY', `a coordinate of ${count} dimensions, not ${dimensions}`);
  }
  return Array.from({ length: count }, () => reader.float());
}
