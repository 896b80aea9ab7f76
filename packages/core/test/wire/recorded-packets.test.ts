import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../src/wire/message-codec.js';
import type { GossipMessage, UserMessage } from '../../src/wire/messages.js';
import { openPacket, sealPacket } from '../../src/wire/packet.js';
import { decodeSerfMessage, encodeSerfMessage } from '../../src/wire/serf-codec.js';
import { asDescribed, describeMessage } from './described.js';
import { hasSortedKeys, inNewestForm } from './newest-form.js';
import {
  fromHex,
  made,
  newestPackets,
  type PacketVector,
  packets,
  sealFor,
  toHex,
} from './vectors.js';

const named = (vectors: readonly PacketVector[]) =>
  vectors.map((vector) => [vector.id, vector] as const);
/** The recordings drove clocks past 2^53, which tserf takes for an attack. */
const isBeyondSafeTime = ({ decoded }: PacketVector) =>
  JSON.stringify(decoded).includes('"LTime":"');
const isReadable = (vector: PacketVector) => !isBeyondSafeTime(vector);
const newestReadable = newestPackets.filter(isReadable);
const readable = packets.filter(isReadable);

const open = (vector: PacketVector, label = '') =>
  openPacket(fromHex(vector.hex), sealFor(vector.key, label));

/** A part written anew from what was read of it, Serf's layer included. */
function rewritten(part: Uint8Array): Uint8Array {
  const message = decodeMessage(part);
  return encodeMessage(message.type === 'user' ? rewrittenUser(message) : message);
}

function rewrittenUser(message: UserMessage): GossipMessage {
  const serf = decodeSerfMessage(message.body);
  if (serf.type !== 'relay') return { type: 'user', body: encodeSerfMessage(serf) };
  const inner = encodeSerfMessage(decodeSerfMessage(serf.inner));
  return { type: 'user', body: encodeSerfMessage({ ...serf, inner }) };
}

/** Agents pass others' messages on as they came; some of the recordings came from no agent. */
const rewrittenIfOfSerf = (part: Uint8Array) => (hasSortedKeys(part) ? rewritten(part) : part);

describe.each([
  ['0.9.4', readable],
  ['v0.11.0', newestReadable],
])('packets of Serf %s', (_version, vectors) => {
  test.each(named(vectors))('%s reads as recorded', (_id, vector) => {
    const { parts, rejected } = open(vector);

    expect(rejected).toEqual([]);
    expect(parts.map((part) => describeMessage(decodeMessage(part)))).toEqual(
      (vector.decoded.parts ?? [vector.decoded]).map(asDescribed),
    );
  });
});

test.each(named([...packets, ...newestPackets].filter(isBeyondSafeTime)))(
  '%s, whose Lamport time is beyond 2^53, is refused',
  (_id, vector) => {
    const read = () =>
      open(vector)
        .parts.map(decodeMessage)
        .filter((message) => message.type === 'user')
        .map(rewrittenUser);

    expect(read).toThrow('is not between 0 and 9007199254740991');
  },
);

test.each(named(newestReadable))(
  'what is written for %s of v0.11.0 is what it sent, byte for byte',
  (_id, vector) => {
    const opened = open(vector);
    const seal = { ...sealFor(vector.key), compression: vector.layers.includes('compress') };
    const parts = opened.parts.map(rewrittenIfOfSerf);

    const packet = sealPacket(parts, vector.layers.includes('crc'), seal);

    // Under a key the nonce differs each time, so that only what is inside can be compared.
    if (vector.key === null) expect(toHex(packet)).toBe(vector.hex);
    else {
      expect(packet).toHaveLength(vector.hex.length / 2);
      expect(openPacket(packet, seal)).toEqual(opened);
    }
  },
);

test.each(named(readable))(
  'what is written for %s of 0.9.4 differs in the width of signed numbers alone',
  (_id, vector) => {
    for (const part of open(vector).parts.filter(hasSortedKeys)) {
      expect(toHex(rewritten(part))).toBe(toHex(inNewestForm(part)));
    }
  },
);

test.each(
  made
    .filter(({ transport }) => transport === 'udp')
    .map((vector) => [vector.what, vector] as const),
)('made packet: %s', (_what, vector) => {
  const { parts } = open(vector, vector.label);

  expect(parts.map((part) => describeMessage(decodeMessage(part)))).toEqual(
    (vector.decoded.parts ?? [vector.decoded]).map(asDescribed),
  );
  if (vector.label !== '') expect(() => open(vector, 'other')).toThrow('label');
});
