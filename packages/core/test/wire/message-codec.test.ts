import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../src/wire/decode-error.js';
import { decodeFilter } from '../../src/wire/filter.js';
import { decodeMessage, encodeMessage } from '../../src/wire/message-codec.js';
import { openPacket } from '../../src/wire/packet.js';
import { decodePushPull, encodePushPull } from '../../src/wire/push-pull.js';
import { decodeSerfMessage, encodeSerfMessage } from '../../src/wire/serf-codec.js';
import { StreamDecoder } from '../../src/wire/stream.js';
import { gossipMessage, pushPullState, serfMessage } from './arbitrary-messages.js';
import {
  encryptedSeal,
  fromHex,
  newestPackets,
  newestStreams,
  plainSeal,
  sealFor,
} from './vectors.js';

describe('what is written is read again', () => {
  test('every gossip message', () => {
    fc.assert(
      fc.property(gossipMessage, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
      { numRuns: 1_000 },
    );
  });

  test("every message of Serf's layer", () => {
    fc.assert(
      fc.property(serfMessage, (message) => {
        expect(decodeSerfMessage(encodeSerfMessage(message))).toEqual(message);
      }),
      { numRuns: 1_000 },
    );
  });

  test('every push/pull', () => {
    fc.assert(
      fc.property(pushPullState, (state) => {
        expect(decodePushPull(encodePushPull(state).subarray(1))).toEqual(state);
      }),
    );
  });
});

describe('a decoder raises DecodeError or nothing', () => {
  /** Every door by which bytes from others come in. */
  const doors: readonly ((bytes: Uint8Array) => unknown)[] = [
    decodeMessage,
    decodeSerfMessage,
    decodePushPull,
    decodeFilter,
    (bytes) => openPacket(bytes, plainSeal).parts.map(decodeMessage),
    (bytes) => openPacket(bytes, encryptedSeal),
    (bytes) => openPacket(bytes, { ...encryptedSeal, verifyIncoming: false }),
    (bytes) => openPacket(bytes, { ...plainSeal, label: 'prod' }),
    (bytes) => new StreamDecoder(plainSeal, 'accepting').push(bytes),
    (bytes) => new StreamDecoder(encryptedSeal, 'dialling').push(bytes),
    (bytes) => new StreamDecoder({ ...plainSeal, label: 'prod' }, 'accepting').push(bytes),
  ];

  function tryDoors(bytes: Uint8Array): void {
    for (const door of doors) {
      try {
        door(bytes);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
      }
    }
  }

  test('for arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), tryDoors), { numRuns: 1_000 });
  });

  test('for arbitrary bytes behind every type', () => {
    const behindType = fc
      .tuple(fc.oneof(fc.nat(14), fc.constant(244)), fc.nat(12), fc.uint8Array({ maxLength: 100 }))
      .map(([type, inner, rest]) => Uint8Array.of(type, inner, ...rest));
    fc.assert(fc.property(behindType, tryDoors), { numRuns: 1_000 });
  });

  const recorded = [
    ...newestPackets.flatMap(({ hex, key }) =>
      key === null ? [fromHex(hex), ...openPacket(fromHex(hex), sealFor(null)).parts] : [],
    ),
    ...newestStreams.flatMap(({ c2s, s2c }) =>
      [c2s, s2c].flatMap((side) => (side && side.key === null ? [fromHex(side.hex)] : [])),
    ),
  ];

  test('for real bytes with a few of them changed, lost or repeated', () => {
    const mutation = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('change', 'cut', 'remove', 'repeat'),
      value: fc.nat(0xff),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...recorded),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (bytes, mutations) => {
          let mutated = [...bytes];
          for (const { at, kind, value } of mutations) {
            const place = at % Math.max(1, mutated.length);
            if (kind === 'change') mutated[place] = value;
            else if (kind === 'cut') mutated = mutated.slice(0, place);
            else if (kind === 'remove') mutated.splice(place, 1);
            else mutated.splice(place, 0, ...mutated.slice(place, place + value));
          }
          tryDoors(Uint8Array.from(mutated));
          if (mutated[0] === 8) tryDoors(Uint8Array.from(mutated.slice(1)));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('what is read', () => {
  test("of a member's address and metadata does not hold on to the packet", () => {
    const part = encodeMessage({
      type: 'alive',
      incarnation: 1,
      node: 'a',
      address: fromHex('7f000001'),
      port: 1,
      meta: fromHex('ff80'),
      versions: {
        protocolMin: 1,
        protocolMax: 5,
        protocolCurrent: 2,
        delegateMin: 2,
        delegateMax: 5,
        delegateCurrent: 5,
      },
    });

    const alive = decodeMessage(part);

    if (alive.type !== 'alive') throw new Error('not an alive');
    expect(alive.address.buffer).not.toBe(part.buffer);
    expect(alive.meta.buffer).not.toBe(part.buffer);
  });

  test('of a ping without source fields has none, and they are not sent either', () => {
    const ping = decodeMessage(fromHex('0081a55365714e6f07'));

    expect(ping).toEqual({
      type: 'ping',
      sequence: 7,
      node: '',
      sourceAddress: undefined,
      sourcePort: 0,
      sourceNode: '',
    });
    expect(encodeMessage(ping)).toEqual(fromHex('0082a44e6f6465a0a55365714e6f07'));
  });

  test('of a push/pull leaves an unreadable entry for others to ignore', () => {
    const nodes = (body: string) => decodePushPull(fromHex(`81a54e6f64657301${body}`)).nodes;

    expect(nodes('82a44e616d65a2c328a5537461746500')).toMatchObject([
      { name: '', state: 'unknown' },
    ]);
    expect(nodes('82a44e616d65a161a5537461746509')).toMatchObject([
      { name: 'a', state: 'unknown' },
    ]);
    expect(nodes('82a44e616d65a161a55374617465cfffffffffffffffff')).toMatchObject([
      { state: 'unknown' },
    ]);
    expect(nodes('82a44e616d65a161a356736ea3010502')).toMatchObject([
      { name: 'a', versions: { protocolMax: 0 } },
    ]);
  });

  test('of a state leaves out names that are not UTF-8', () => {
    const hex =
      '0282ac5374617475734c54696d657382a2c32805a16107ab4c6566744d656d6265727392a2c328a162';

    expect(decodeSerfMessage(fromHex(hex))).toMatchObject({
      statusLTimes: new Map([['a', 7]]),
      leftMembers: ['b'],
    });
  });

  test('of a query with an endless timeout is a very long one', () => {
    const query = decodeSerfMessage(fromHex('0481a754696d656f7574cf7fffffffffffffff'));

    expect(query).toMatchObject({ timeout: Number.MAX_SAFE_INTEGER });
    expect(() => encodeSerfMessage(query)).not.toThrow();
  });

  test.each([
    ['slots', '0281a64576656e7473dd', 'c0', 65_536],
    ['members that left', '0281ab4c6566744d656d62657273dd', 'a161', 131_072],
    ['times of members', '0281ac5374617475734c54696d6573df', 'a16101', 131_072],
  ])('of a state has a bound for its %s, not only in bytes', (_what, head, entry, most) => {
    const state = (count: number) =>
      fromHex(head + count.toString(16).padStart(8, '0') + entry.repeat(count));

    expect(decodeSerfMessage(state(most))).toMatchObject({ type: 'state' });
    expect(() => decodeSerfMessage(state(most + 1))).toThrow(`${most + 1} entries`);
  });
});
