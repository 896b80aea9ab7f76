import { describe, expect, test } from 'vitest';
import { decodeCompressed, maxDecompressedBytes } from '../../src/wire/compression.js';
import { encodeMessage } from '../../src/wire/message-codec.js';
import { encodePushPull } from '../../src/wire/push-pull.js';
import { decodeSerfMessage, encodeSerfMessage } from '../../src/wire/serf-codec.js';
import {
  encodeErrorReply,
  encodeStreamUser,
  StreamDecoder,
  type StreamMessage,
  sealStream,
} from '../../src/wire/stream.js';
import { frameLengthBytes, openFrame } from '../../src/wire/stream-frame.js';
import { asDescribed, describeMessage, describePushPull } from './described.js';
import { pushPullInNewestForm } from './newest-form.js';
import {
  fromHex,
  made,
  newestStreams,
  type StreamVector,
  sealFor,
  streams,
  toHex,
} from './vectors.js';

type Side = NonNullable<StreamVector['c2s']> & { readonly name: string; readonly dialled: boolean };

/** A frame's type byte and its length. */
const frameHeaderBytes = 1 + frameLengthBytes;

/** Each direction of each stream by itself. */
const sidesOf = (vectors: readonly StreamVector[]): Side[] =>
  vectors.flatMap(({ id, c2s, s2c }) => [
    ...(c2s ? [{ ...c2s, name: `${id} out`, dialled: true }] : []),
    ...(s2c ? [{ ...s2c, name: `${id} back`, dialled: false }] : []),
  ]);
const ofAgents = streams.filter((vector) => !vector.made);
/** The recordings drove clocks past 2^53, which tserf takes for an attack. */
const isSafe = ({ decoded }: Side) =>
  !/"\w*LTime":"/.test(JSON.stringify(decoded.user_state ?? {}));
const oldSides = sidesOf(ofAgents).filter(isSafe);
const named = (sides: readonly Side[]) => sides.map((side) => [side.name, side] as const);

function read(side: Pick<Side, 'hex' | 'key' | 'dialled'>, chunkBytes: number, label = '') {
  const decoder = new StreamDecoder(
    sealFor(side.key, label),
    side.dialled ? 'accepting' : 'dialling',
  );
  const bytes = fromHex(side.hex);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const message = decoder.push(bytes.slice(at, at + chunkBytes));
    if (message !== undefined) return message;
  }
  throw new Error(`the stream ended ${decoder.end()}`);
}

function describeStream(message: StreamMessage): unknown {
  switch (message.type) {
    case 'pushPull':
      return { type: 'pushPull', ...describePushPull(message.state) };
    case 'ping':
      return describeMessage(message.ping);
    case 'ack':
      return describeMessage(message.ack);
    case 'user':
      return describeMessage(message);
    case 'error':
      return { type: 'err', fields: { Error: message.error } };
  }
}

function write(message: StreamMessage): Uint8Array {
  switch (message.type) {
    case 'pushPull': {
      const { state } = message;
      const { userState } = state;
      const rewritten =
        userState.length === 0 ? userState : encodeSerfMessage(decodeSerfMessage(userState));
      return encodePushPull({ ...state, userState: rewritten });
    }
    case 'ping':
      return encodeMessage(message.ping);
    case 'ack':
      return encodeMessage(message.ack);
    case 'user':
      return encodeStreamUser(message.body);
    case 'error':
      return encodeErrorReply(message.error);
  }
}

/** The message of a stream as it was sent, out of encryption and compression. */
function plainOf(side: Side): Uint8Array {
  const bytes = fromHex(side.hex);
  const { keyring } = sealFor(side.key);
  const opened = keyring ? openFrame(bytes.subarray(frameHeaderBytes), keyring, '') : bytes;
  if (!side.layers.includes('compress')) return opened;
  return decodeCompressed(opened.subarray(1), maxDecompressedBytes);
}

describe.each([
  ['0.9.4', oldSides],
  ['v0.11.0', sidesOf(newestStreams)],
])('streams of Serf %s', (_version, sides) => {
  test.each(named(sides))('%s reads as recorded', (_name, side) => {
    const { header, ...rest } = side.decoded;

    expect(describeStream(read(side, 1_000))).toEqual(
      asDescribed(header === undefined ? rest : { ...rest, header }),
    );
  });
});

test.each(named(sidesOf(streams.filter(({ made }) => made))))(
  '%s, sent by hand and taken by Serf, reads as meant',
  (_name, side) => {
    const { header: _header, ...wanted } = side.decoded;

    expect(describeStream(read(side, 3))).toMatchObject(asDescribed(wanted) as object);
  },
);

test.each(named(sidesOf(ofAgents).filter((side) => !isSafe(side))))(
  '%s, whose Lamport times are beyond 2^53, is read, these times as ones that no clock believes',
  (_name, side) => {
    const { header: _header, ...wanted } = side.decoded;

    const described = describeStream(read(side, 1_000_000));

    expect(described).toMatchObject(withoutAbsurdTimes(asDescribed(wanted)) as object);
  },
);

/** The recording has numbers that JavaScript cannot hold as texts. */
function withoutAbsurdTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsurdTimes);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key.endsWith('LTime') && typeof inner === 'string'
        ? Number.POSITIVE_INFINITY
        : withoutAbsurdTimes(inner),
    ]),
  );
}

test('a stream reads the same however it is cut', () => {
  for (const side of sidesOf(newestStreams)) {
    expect(read(side, 1)).toEqual(read(side, 1_000_000));
  }
});

test.each(named(sidesOf(newestStreams)))(
  'what is written for %s of v0.11.0 is what it sent, byte for byte',
  (_name, side) => {
    const message = read(side, 1_000_000);
    const seal = { ...sealFor(side.key), compression: side.layers.includes('compress') };

    const stream = sealStream(write(message), seal, side.dialled ? 'dialled' : 'accepted');

    if (side.key === null) expect(toHex(stream)).toBe(side.hex);
    else {
      expect(stream).toHaveLength(side.hex.length / 2);
      expect(read({ ...side, hex: toHex(stream) }, 1_000_000)).toEqual(message);
    }
  },
);

test.each(named(oldSides))(
  'what is written for %s of 0.9.4 differs in the width of signed numbers alone',
  (_name, side) => {
    const message = read(side, 1_000_000);
    const recorded = plainOf(side);

    const wanted = message.type === 'pushPull' ? pushPullInNewestForm(recorded) : recorded;
    expect(toHex(write(message))).toBe(toHex(wanted));
  },
);

test.each(
  made
    .filter(({ transport }) => transport === 'tcp')
    .map((vector) => [vector.what, vector] as const),
)('made stream: %s', (_what, vector) => {
  const message = read({ ...vector, dialled: true }, 7, vector.label);

  expect(describeStream(message)).toEqual(asDescribed(vector.decoded));
  expect(() => read({ ...vector, dialled: true }, 7, 'other')).toThrow('label');
});
