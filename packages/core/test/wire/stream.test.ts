import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCompressed } from '../../src/wire/compression.js';
import { Keyring } from '../../src/wire/keyring.js';
import { encodeMessage } from '../../src/wire/message-codec.js';
import type { PushPullNode } from '../../src/wire/messages.js';
import { encodePushPull } from '../../src/wire/push-pull.js';
import {
  encodeErrorReply,
  encodeStreamUser,
  StreamDecodeError,
  StreamDecoder,
  sealStream,
} from '../../src/wire/stream.js';
import { serfVersions } from '../../src/wire/versions.js';
import { pushPullState } from './arbitrary-messages.js';
import { encryptedSeal, fromHex, plainSeal, toHex } from './vectors.js';

const ping = {
  type: 'ping',
  sequence: 7,
  node: 'a',
  sourceAddress: undefined,
  sourcePort: 0,
  sourceNode: '',
} as const;
const seals = [true, false].flatMap((compression) =>
  ['', 'prod'].flatMap((label) =>
    [undefined, encryptedSeal.keyring].map((keyring) => ({
      ...plainSeal,
      compression,
      label,
      keyring,
    })),
  ),
);

/** What a decoder makes of bytes that come in pieces of `size`. */
function feed(decoder: StreamDecoder, bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) {
    const message = decoder.push(bytes.slice(at, at + size));
    if (message !== undefined) return message;
  }
  return undefined;
}

function failureOf(work: () => unknown): Pick<StreamDecodeError, 'code' | 'replyDue'> | undefined {
  try {
    work();
  } catch (error) {
    if (!(error instanceof StreamDecodeError)) throw error;
    return { code: error.code, replyDue: error.replyDue };
  }
  return undefined;
}

test('a push/pull arrives through every combination of layers, in either direction, however it is cut', () => {
  fc.assert(
    fc.property(
      pushPullState,
      fc.constantFrom(...seals),
      fc.integer({ min: 1, max: 3_000 }),
      (state, seal, size) => {
        const message = encodePushPull(state);
        const request = sealStream(message, seal, 'dialled');
        const answer = sealStream(message, seal, 'accepted');

        expect(feed(new StreamDecoder(seal, 'accepting'), request, size)).toEqual({
          type: 'pushPull',
          state,
        });
        expect(feed(new StreamDecoder(seal, 'dialling'), answer, size)).toEqual({
          type: 'pushPull',
          state,
        });
      },
    ),
  );
});

test('only the request shows the label', () => {
  const seal = { ...plainSeal, label: 'prod' };

  expect(toHex(sealStream(encodeMessage(ping), seal, 'dialled'))).toMatch(/^f40470726f64/);
  expect(toHex(sealStream(encodeMessage(ping), seal, 'accepted'))).toMatch(/^00/);
});

test('an answer under another label does not open', () => {
  const seal = { ...encryptedSeal, label: 'one' };
  const answer = sealStream(
    encodeMessage({ type: 'ack', sequence: 7, payload: undefined }),
    seal,
    'accepted',
  );

  const reading = () => new StreamDecoder({ ...seal, label: 'two' }, 'dialling').push(answer);
  expect(failureOf(reading)).toEqual({ code: 'WRONG_KEY', replyDue: false });
});

test('each side takes only what it can expect', () => {
  const user = encodeStreamUser(fromHex('616263'));
  const error = encodeErrorReply('no');
  const ack = encodeMessage({ type: 'ack', sequence: 7, payload: undefined });

  expect(new StreamDecoder(plainSeal, 'accepting').push(user)).toMatchObject({ type: 'user' });
  expect(new StreamDecoder(plainSeal, 'accepting').push(encodeMessage(ping))).toMatchObject({
    type: 'ping',
  });
  expect(new StreamDecoder(plainSeal, 'dialling').push(ack)).toMatchObject({ type: 'ack' });
  expect(new StreamDecoder(plainSeal, 'dialling').push(error)).toEqual({
    type: 'error',
    error: 'no',
  });
  for (const [role, bytes] of [
    ['accepting', ack],
    ['accepting', error],
    ['dialling', user],
    ['dialling', encodeMessage(ping)],
  ] as const) {
    expect(failureOf(() => new StreamDecoder(plainSeal, role).push(bytes))).toEqual({
      code: 'UNKNOWN_TYPE',
      replyDue: false,
    });
  }
});

test('what follows a message is ignored', () => {
  const decoder = new StreamDecoder(plainSeal, 'accepting');

  expect(decoder.push(Uint8Array.of(...encodeMessage(ping), 1, 2, 3))).toMatchObject({
    type: 'ping',
  });
  expect(decoder.push(fromHex('ffffff'))).toBeUndefined();
  expect(decoder.end()).toBe('complete');
});

test('the end of a stream says whether anything was there', () => {
  const decoder = new StreamDecoder(plainSeal, 'accepting');

  expect(decoder.end()).toBe('empty');
  const begun = new StreamDecoder(plainSeal, 'accepting');
  begun.push(encodeMessage(ping).slice(0, 5));
  expect(begun.end()).toBe('truncated');
});

describe('an error reply', () => {
  const stranger = { ...plainSeal, keyring: new Keyring([], new Uint8Array(16)) };
  const request = encodeMessage(ping);

  test.each([
    [
      'a frame, without a key',
      plainSeal,
      sealStream(request, encryptedSeal, 'dialled'),
      'NO_KEYRING',
      true,
    ],
    ['plaintext, with a key', encryptedSeal, request, 'NOT_ENCRYPTED', true],
    [
      'a frame under another key',
      encryptedSeal,
      sealStream(request, stranger, 'dialled'),
      'WRONG_KEY',
      true,
    ],
    ['a frame that is too long', encryptedSeal, fromHex('0a01400001'), 'TOO_LARGE', true],
    [
      'bad compression',
      plainSeal,
      fromHex('0982a4416c676f00a3427566a2ffff'),
      'BAD_COMPRESSION',
      true,
    ],
    [
      'a compressed message of nothing',
      plainSeal,
      encodeCompressed(new Uint8Array(0)),
      'EMPTY',
      true,
    ],
    ['another label', { ...plainSeal, label: 'prod' }, request, 'WRONG_LABEL', false],
    ['an empty label', plainSeal, fromHex('f400'), 'BAD_LABEL', false],
    ['a message that is no msgpack', plainSeal, fromHex('00c1'), 'BAD_BODY', false],
    [
      'compression within compression',
      plainSeal,
      encodeCompressed(encodeCompressed(request)),
      'UNKNOWN_TYPE',
      false,
    ],
    [
      'a message cut within a frame',
      encryptedSeal,
      sealStream(request.slice(0, 9), encryptedSeal, 'dialled'),
      'TRUNCATED',
      false,
    ],
  ])('%s', (_what, seal, bytes, code, replyDue) => {
    expect(failureOf(() => new StreamDecoder(seal, 'accepting').push(bytes))).toEqual({
      code,
      replyDue,
    });
  });

  test('is never due to an answer', () => {
    expect(failureOf(() => new StreamDecoder(encryptedSeal, 'dialling').push(request))).toEqual({
      code: 'NOT_ENCRYPTED',
      replyDue: false,
    });
  });

  test('comes once: a decoder that failed is done', () => {
    const decoder = new StreamDecoder(encryptedSeal, 'accepting');

    expect(failureOf(() => decoder.push(request))).toBeDefined();
    expect(decoder.push(request)).toBeUndefined();
    expect(decoder.end()).toBe('truncated');
  });
});

test('plaintext is taken with a key too while keys are rolled out', () => {
  const lenient = { ...encryptedSeal, verifyIncoming: false };

  expect(new StreamDecoder(lenient, 'accepting').push(encodeMessage(ping))).toEqual({
    type: 'ping',
    ping,
  });
});

test('a user message over the limit is not sent, nor is a frame', () => {
  const tooLarge = new Uint8Array(20 * 1024 * 1024 + 1);

  expect(() => encodeStreamUser(tooLarge)).toThrow(RangeError);
  expect(() => sealStream(tooLarge, encryptedSeal, 'dialled')).toThrow(RangeError);
});

test('a large push/pull costs the same however small its pieces are', () => {
  const node = (index: number): PushPullNode => ({
    name: `node-${index}`,
    address: fromHex('7f000001'),
    port: 7946,
    meta: fromHex('ff81a4726f6c65a3776562'),
    incarnation: index,
    state: 'alive',
    versions: serfVersions(5),
  });
  const bytes = encodePushPull({
    join: true,
    nodes: Array.from({ length: 10_000 }, (_, index) => node(index)),
    userState: new Uint8Array(100_000),
  });
  const cost = (size: number) => {
    const started = process.cpuUsage().user;
    expect(feed(new StreamDecoder(plainSeal, 'accepting'), bytes, size)).toMatchObject({
      type: 'pushPull',
    });
    return process.cpuUsage().user - started;
  };
  cost(65_536);

  expect(cost(100)).toBeLessThan(10 * Math.max(20_000, cost(65_536)));
});
