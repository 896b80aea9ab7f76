import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Keyring } from '../../src/wire/keyring.js';
import { decodeMessage, encodeMessage } from '../../src/wire/message-codec.js';
import { openPacket, packetOverheadBytes, sealPacket } from '../../src/wire/packet.js';
import { encodePushPull } from '../../src/wire/push-pull.js';
import { StreamDecoder } from '../../src/wire/stream.js';
import { serfVersions } from '../../src/wire/versions.js';
import { plainSeal } from './vectors.js';

/** The weaknesses of memberlist's wire (spec/01 §16) that this room avoids. */

const key = new Uint8Array(16).fill(7);
const sealed = { ...plainSeal, keyring: new Keyring([], key) };
const ping = encodeMessage({
  type: 'ping',
  sequence: 1,
  node: 'alpha',
  sourceAddress: undefined,
  sourcePort: 0,
  sourceNode: '',
});

describe('W1: padding of encryption version 0 is not believed blindly', () => {
  test.each([0, 17, 255])('a last byte of %d is refused', (last) => {
    const plain = new Uint8Array(32);
    plain.set(ping.subarray(0, 16));
    plain[31] = last;

    expect(() => openPacket(versionZero(plain), sealed)).toThrow(`${last} bytes of padding`);
  });

  test('right padding is taken', () => {
    const padding = 16 - (ping.length % 16);
    const plain = new Uint8Array(ping.length + padding).fill(padding);
    plain.set(ping);

    expect(openPacket(versionZero(plain), sealed).parts).toEqual([ping]);
  });
});

test('W5: with verify-incoming off, a packet under a wrong key is refused, not taken for a message', () => {
  const rollingOut = { ...sealed, verifyIncoming: false };
  const stranger = { ...plainSeal, keyring: new Keyring([], new Uint8Array(16).fill(8)) };

  for (let attempt = 0; attempt < 500; attempt += 1) {
    const packet = sealPacket([ping], false, stranger);

    expect(() => openPacket(packet, rollingOut).parts.map(decodeMessage)).toThrow();
  }
});

test('W7: the checksum is counted in what wrapping adds to a packet', () => {
  const bare = sealPacket([ping], false, plainSeal).length;
  const checked = sealPacket([ping], true, plainSeal).length;

  expect(checked - bare).toBe(5);
  expect(packetOverheadBytes(plainSeal)).toBeGreaterThanOrEqual(5);
});

test('W11: a plaintext push/pull that never ends is refused at 40 MiB', () => {
  const node = {
    name: 'n'.repeat(400),
    address: Uint8Array.of(127, 0, 0, 1),
    port: 7946,
    meta: new Uint8Array(512),
    incarnation: 1,
    state: 'alive',
    versions: serfVersions(5),
  } as const;
  const state = (nodes: readonly (typeof node)[]) =>
    encodePushPull({ join: true, nodes, userState: new Uint8Array(0) });
  const one = state([node]).subarray(state([]).length);
  // A header that claims as many nodes as the protocol allows, then nodes without end.
  const header = state(new Array(65_536).fill(node)).subarray(0, state([]).length + 4);
  const chunk = new Uint8Array(one.length * 64);
  for (let at = 0; at < chunk.length; at += one.length) chunk.set(one, at);
  const decoder = new StreamDecoder(plainSeal, 'accepting');

  let sent = 0;
  const flood = () => {
    decoder.push(header);
    for (; sent < 64 * 1024 * 1024; sent += chunk.length) decoder.push(chunk.slice());
  };

  expect(flood).toThrow(/node state/i);
  expect(sent).toBeLessThanOrEqual(41 * 1024 * 1024);
});

/** A packet of encryption version 0 (spec/01 §8.2), as only old nodes send it. */
function versionZero(plain: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(12).fill(3);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const content = cipher.update(plain);
  cipher.final();
  return Uint8Array.of(0, ...nonce, ...content, ...cipher.getAuthTag());
}
