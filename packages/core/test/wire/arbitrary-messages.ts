import fc from 'fast-check';
import { memberNameProblem } from '../../src/wire/member-name.js';
import type { GossipMessage, PushPullNode, PushPullState } from '../../src/wire/messages.js';
import type { SerfMessage } from '../../src/wire/serf-messages.js';
import type { Tags } from '../../src/wire/tags.js';
import type { NodeVersions } from '../../src/wire/versions.js';

/* Messages of every kind, as tserf may send them. */

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const port = fc.integer({ min: 1, max: 0xffff });
const ltime = fc.maxSafeNat();
const text = fc.string({ unit: 'grapheme', maxLength: 80 });
const name = text.filter((candidate) => memberNameProblem(candidate) === undefined);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const payload = optional(bytes(600));
const address = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  .filter((candidate) => candidate.some((byte) => byte !== 0 && byte !== 0xff));

const versions: fc.Arbitrary<NodeVersions> = fc.record({
  protocolMin: u8,
  protocolMax: u8,
  protocolCurrent: u8,
  delegateMin: u8,
  delegateMax: u8,
  delegateCurrent: u8,
});

const source = {
  sourceAddress: optional(address),
  sourcePort: u16,
  sourceNode: text,
};

export const gossipMessage: fc.Arbitrary<GossipMessage> = fc.oneof(
  fc.record({ type: fc.constant('ping' as const), sequence: u32, node: text, ...source }),
  fc.record({
    type: fc.constant('indirectPing' as const),
    sequence: u32,
    target: address,
    port: u16,
    node: text,
    nack: fc.boolean(),
    ...source,
  }),
  fc.record({ type: fc.constant('ack' as const), sequence: u32, payload }),
  fc.record({ type: fc.constant('nack' as const), sequence: u32 }),
  fc.record({
    type: fc.constantFrom('suspect' as const, 'dead' as const),
    incarnation: u32,
    node: text,
    from: text,
  }),
  fc.record({
    type: fc.constant('alive' as const),
    incarnation: u32,
    node: name,
    address,
    port,
    meta: bytes(512),
    versions,
  }),
  fc.record({ type: fc.constant('user' as const), body: bytes(600) }),
);

const pushPullNode: fc.Arbitrary<PushPullNode> = fc.record({
  name: text,
  address: bytes(20),
  port: u16,
  meta: bytes(600),
  incarnation: u32,
  state: fc.constantFrom('alive', 'suspect', 'dead', 'left'),
  versions,
});

export const pushPullState: fc.Arbitrary<PushPullState> = fc.record({
  join: fc.boolean(),
  nodes: fc.array(pushPullNode, { maxLength: 20 }),
  userState: bytes(2_000),
});

/** Without a prototype, as they are decoded. */
const tags: fc.Arbitrary<Tags> = fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: false });

const group = fc.record({
  ltime,
  events: fc.array(fc.record({ name: text, payload }), { maxLength: 3 }),
});

export const serfMessage: fc.Arbitrary<SerfMessage> = fc.oneof(
  fc.record({ type: fc.constant('leave' as const), ltime, node: text, prune: fc.boolean() }),
  fc.record({ type: fc.constant('join' as const), ltime, node: text }),
  fc.record({
    type: fc.constant('state' as const),
    ltime,
    statusLTimes: fc.array(fc.tuple(text, ltime)).map((entries) => new Map(entries)),
    leftMembers: fc.array(text),
    eventLTime: ltime,
    events: fc.array(optional(group), { maxLength: 20 }),
    queryLTime: ltime,
  }),
  fc.record({
    type: fc.constant('userEvent' as const),
    ltime,
    name: text,
    payload,
    coalesce: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('query' as const),
    ltime,
    id: u32,
    address: bytes(20),
    port: u16,
    sourceNode: text,
    filters: optional(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 4 })),
    flags: u32,
    relayFactor: u8,
    timeout: fc.maxSafeInteger(),
    name: text,
    payload,
  }),
  fc.record({
    type: fc.constant('queryResponse' as const),
    ltime,
    id: u32,
    from: text,
    flags: u32,
    payload,
  }),
  fc.record({
    type: fc.constant('conflictResponse' as const),
    member: optional(
      fc
        .record({ name: text, address: bytes(20), port: u16, tags, status: fc.nat(4) })
        .chain((member) => versions.map((numbers) => ({ ...member, ...numbers }))),
    ),
  }),
  fc.record({ type: fc.constant('keyRequest' as const), key: bytes(40) }),
  fc.record({
    type: fc.constant('keyResponse' as const),
    result: fc.boolean(),
    message: text,
    keys: optional(fc.array(text, { maxLength: 5 })),
    primaryKey: text,
  }),
  fc.record({
    type: fc.constant('relay' as const),
    address,
    port: u16,
    zone: text,
    node: text,
    inner: fc.uint8Array({ minLength: 1, maxLength: 100 }),
  }),
);
