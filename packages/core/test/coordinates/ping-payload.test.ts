import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Coordinate, origin } from '../../src/coordinates/coordinate.js';
import { decodePingPayload, encodePingPayload } from '../../src/coordinates/ping-payload.js';
import { DecodeError } from '../../src/wire/decode-error.js';
import { type DecodedVector, newestPackets, packets } from '../wire/vectors.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const zero = 'cb0000000000000000';

test('the origin is the payload of a Serf agent that has measured nothing, byte for byte', () => {
  const expected = [
    '0184',
    `aa41646a7573746d656e74${zero}`,
    'a54572726f72cb3ff8000000000000',
    'a6486569676874cb3ee4f8b588e368f1',
    `a356656398${zero.repeat(8)}`,
  ].join('');

  expect(hex(encodePingPayload(origin))).toBe(expected);
  expect(encodePingPayload(origin)).toHaveLength(130);
});

interface RecordedPayload {
  readonly hex: string;
  readonly coordinate: Record<'Adjustment' | 'Error' | 'Height', number> & { Vec: number[] };
}

/** The payloads of all recorded acks. */
function recordedPayloads(): RecordedPayload[] {
  const messages = [...packets, ...newestPackets].flatMap(
    ({ decoded }): DecodedVector[] => decoded.parts ?? [decoded],
  );
  return messages
    .filter((message) => message.type === 'ackResp')
    .map((message) => message.fields['Payload'] as RecordedPayload | null)
    .filter((payload) => payload?.coordinate !== undefined) as RecordedPayload[];
}

test('every payload recorded from Serf agents is read, and written again byte for byte', () => {
  const recorded = recordedPayloads().map((payload) => {
    const { Adjustment: adjustment, Error: error, Height: height, Vec: vec } = payload.coordinate;
    return {
      bytes: Buffer.from(payload.hex, 'hex'),
      coordinate: { vec, error, adjustment, height },
    };
  });

  expect(recorded.length).toBeGreaterThan(20);
  for (const { bytes, coordinate } of recorded) {
    expect(decodePingPayload(bytes)).toEqual(coordinate);
    expect(hex(encodePingPayload(coordinate))).toBe(hex(bytes));
  }
});

test('missing numbers are 0, unknown keys are skipped', () => {
  const none: Coordinate = { vec: [], error: 0, adjustment: 0, height: 0 };

  expect(decodePingPayload(Uint8Array.of(1, 0x80))).toEqual(none);
  expect(decodePingPayload(Uint8Array.of(1, 0x81, 0xa1, 0x5a, 0xc3))).toEqual(none);
});

test.each([
  ['nothing', ''],
  ['another version', '0284'],
  ['half a map', '0184aa41646a7573746d656e74'],
  ['an array', '0190'],
  ['weakness 7: seven dimensions', `0181a356656397${zero.repeat(7)}`],
  ['weakness 7: more dimensions than there are bytes', '0181a3566563ddffffffff'],
  ['text for a number', '0181a54572726f72a131'],
])('%s is refused', (_, bytes) => {
  expect(() => decodePingPayload(Buffer.from(bytes, 'hex'))).toThrow(DecodeError);
});

test('arbitrary bytes decode or raise a DecodeError, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodePingPayload(Uint8Array.of(1, ...bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }),
  );
});
