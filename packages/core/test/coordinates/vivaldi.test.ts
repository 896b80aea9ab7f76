import { describe, expect, test } from 'vitest';
import { type Coordinate, origin, originOf } from '../../src/coordinates/coordinate.js';
import { distanceNanoseconds, distanceSeconds, magnitude } from '../../src/coordinates/distance.js';
import { decodePingPayload, encodePingPayload } from '../../src/coordinates/ping-payload.js';
import { Vivaldi } from '../../src/coordinates/vivaldi.js';
import { seeded } from '../swim/engine-under-test.js';

const half = () => 0.5;
const ms = 1_000_000;
const second = 1_000_000_000;

function observe(client: Vivaldi, peer: string, coordinate: Coordinate, rttNanoseconds: number) {
  return client.observe({ peer, coordinate, rttNanoseconds });
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A payload from its eleven doubles, as the specification prints them. */
function payload(adjustment: string, error: string, height: string, vec: string): Uint8Array {
  const parts = vec.split(' ').map((double) => `cb${double}`);
  return Buffer.from(
    `0184aa41646a7573746d656e74cb${adjustment}a54572726f72cb${error}a6486569676874cb${height}a356656398${parts.join('')}`,
    'hex',
  );
}

test('two measurements of a real agent come out bit for bit (spec/04 §9.1)', () => {
  const a1 = payload(
    '3eea6e25ae828d4d',
    '3ff6eed299734c74',
    '3ee4f8b588e368f1',
    '3ef55581d2ee3b81 3ef01601cbc3541e 3f0039f043655158 befe40ee06f028d4 3ef71a5acfc6991f 3ef67e92cc6dba9b 3f019b92605c77b4 3efb3557f7005bcd',
  );
  const b1 = payload(
    '3ee29003ab23439b',
    '3ff68f55ad8c9c1a',
    '3ef9add5ff01b849',
    'beeee96c077067da bee74ec3bb80f75d bef782d3cd9f7d39 3ef5eafcd4a82e1a bef0bcc95cd5e76b bef04bed6529d289 bef98338ef162ba6 bef3b632effa4c29',
  );
  const a2 = payload(
    '3efca05f2f5edd50',
    '3ff5a26f0dfc80e8',
    '3f01a1b3ae777cca',
    '3f074519102171d9 3f018baf6c0b6f35 3f11b2e094cb828a bf107fdcad4d9f2a 3f093309bc74cdd0 3f08891ee946ada2 3f1334999f647a96 3f0dad65718b1b0f',
  );
  const b2 = payload(
    '3ef716db8ad4cb8c',
    '3ff506aea2f66b6f',
    '3f07bb2d5964ab4d',
    'bf02cecf4a25f9a2 befc5cc97f130be8 bf0c9c240c809736 3f0aabda2802441b bf045e091e5fd434 bf03d4b34ce7dde8 bf0f0ba8ec245e22 bf07fc93abd3fb92',
  );
  const beta = new Vivaldi(half);

  observe(beta, 'alpha', decodePingPayload(a1), 512_733);
  expect(hex(encodePingPayload(beta.coordinate))).toBe(hex(b1));

  observe(beta, 'alpha', decodePingPayload(a2), 889_709);
  expect(hex(encodePingPayload(beta.coordinate))).toBe(hex(b2));
});

test('three measurements of one peer in three dimensions (spec/04 §9.3)', () => {
  const client = new Vivaldi(half, originOf(3));
  const peer: Coordinate = { ...originOf(3), vec: [0, 0, 0.001] };
  const results = [2 * ms, 2 * ms, 50 * ms].map((rtt) => {
    observe(client, 'peer', peer, rtt);
    const { vec, error, adjustment, height } = client.coordinate;
    return [vec[2], error, adjustment, height];
  });

  expect(results).toEqual([
    [-0.00012249999877047386, 1.37375, 2.137625e-5, 1.2449999774670516e-5],
    [-0.00022213110929519052, 1.259390780013049, 4.0211906625224824e-5, 1.4442621638230138e-5],
    [-0.0003035092461264213, 1.1563828128710232, 5.6972420694260064e-5, 1.6070183900774854e-5],
  ]);
});

describe('eight dimensions and three peers (spec/04 §9.4)', () => {
  const peers = {
    a: { vec: [0.01, 0.02, 0, 0, 0, 0, 0, 0], error: 0.5, adjustment: 5e-4, height: 0.001 },
    b: { vec: [-0.03, 0, 0.04, 0, 0, 0, 0, 0], error: 0.2, adjustment: -2e-4, height: 0.002 },
    c: { vec: [0, 0, 0, 0, 0, 0, 0, 0.5], error: 1.5, adjustment: 0, height: 1e-5 },
  };
  // biome-ignore format: one line for each step, as in the specification
  const steps = [
    ['a', 30 * ms, [-0.0005139591538534504, -0.0010279183077069008, 0, 0], 1.2570582562500001, 0.00013570406648167412, 6.190987311521628e-05, 23870679, 25207541],
    ['b', 70 * ms, [0.0018273446840696428, -0.0011095386809040115, -0.0031761520326955314, 0], 1.042311747974402, 0.0004887972381126223, 0.00022563333667862835, 51701569, 56165069],
    ['c', 450 * ms, [0.0018083382952062935, -0.001097998261730753, -0.0031431165680955602, 0.005200422794847525], 0.9470353275126943, -0.0006373843615151721, 0.00022318249154518123, 500739088, 494409880],
    ['a', 90 * ms, [-0.0019367532654734772, -0.010743647945263222, -0.0045800942762108466, 0.007577964787665937], 0.9111251844221393, 0.0007143645572607602, 0.000782400808230414, 24519799, 37144397],
    ['a', 31 * ms, [-0.0015900492857707706, -0.009850692064187644, -0.004447062328430737, 0.007357857655559847], 0.7960471057277578, 0.0006172034171036658, 0.0007306304718228549, 37144397, 36003640],
    ['b', 0, [-0.0002604590612023121, -0.010311697638359393, -0.006527186343969847, 0.007702200303880676], 0.6732088932732592, 0.0008782460907250427, 0.0008584236931591367, 57312775, 60236531],
    ['c', 10 * second, [-0.0006497868223463483, -0.025725368165330754, -0.01628386301375871, -0.7281999541176599], 0.6946896837828168, 0.22010863916933596, 0.0021565219456114145, 494195780, 1450852593],
    ['c', 480 * ms, [-0.0006091232561031352, -0.02411547831138664, -0.015264821199453583, -0.6513644269979345], 0.7997719935728207, 0.20326408969644189, 0.002020941312666866, 1450852593, 1357013306],
  ] as const;

  test('every step comes out to the last digit', () => {
    const client = new Vivaldi(half);
    for (const [peer, rtt, [v0, v1, v2, v7], error, adjustment, height, before, after] of steps) {
      expect(distanceNanoseconds(client.coordinate, peers[peer])).toBe(before);
      expect(observe(client, peer, peers[peer], rtt)).toBeUndefined();
      expect(client.coordinate).toEqual({
        vec: [v0, v1, v2, 0, 0, 0, 0, v7],
        error,
        adjustment,
        height,
      });
      expect(distanceNanoseconds(client.coordinate, peers[peer])).toBe(after);
    }
    expect(client.zeroRtts).toBe(1);
    expect(client.resets).toBe(0);
  });
});

const infinite = { ...origin, vec: [0, 0, 0, 0, 0, 0, 0, Number.POSITIVE_INFINITY] };

test.each([
  ['a negative round trip', origin, -1, 'round trip time not in valid range'],
  ['one over 10 s', origin, 10_000_000_001, 'round trip time not in valid range'],
  ['one that is no number', origin, Number.NaN, 'round trip time not in valid range'],
  ['other dimensions', originOf(3), ms, "dimensions aren't compatible"],
  ['no dimensions', originOf(0), ms, "dimensions aren't compatible"],
  ['an infinite place', infinite, ms, 'coordinate is invalid'],
  ['an error of NaN', { ...origin, error: Number.NaN }, ms, 'coordinate is invalid'],
  ['an adjustment of NaN', { ...origin, adjustment: Number.NaN }, ms, 'coordinate is invalid'],
  ['a height of NaN', { ...origin, height: Number.NaN }, ms, 'coordinate is invalid'],
  ['weakness 2: a negative error', { ...origin, error: -1.5 }, ms, 'coordinate is invalid'],
  ['weakness 2: a negative height', { ...origin, height: -1e-9 }, ms, 'coordinate is invalid'],
  ['weakness 1: a far place', { ...origin, vec: [0, 0, 61, 0, 0, 0, 0, 0] }, ms, 'farther than'],
  ['weakness 1: a far adjustment', { ...origin, adjustment: -61 }, ms, 'farther than'],
  ['weakness 1: a tall height', { ...origin, height: 61 }, ms, 'farther than'],
])('%s is refused, and changes nothing', (_, coordinate, rtt, reason) => {
  const client = new Vivaldi(half);
  const untouched = new Vivaldi(half);

  expect(observe(client, 'peer', coordinate, rtt)).toContain(reason);

  expect(client.coordinate).toBe(origin);
  for (const one of [client, untouched]) observe(one, 'peer', { ...origin, error: 1 }, 5 * ms);
  expect(client.coordinate).toEqual(untouched.coordinate);
});

test('weakness 1: a place that became no place is given up once, with its history', () => {
  const client = new Vivaldi(half, { ...origin, vec: [Number.NaN, 0, 0, 0, 0, 0, 0, 0] });
  const peer = { ...origin, vec: [0.01, 0, 0, 0, 0, 0, 0, 0] };

  observe(client, 'peer', peer, ms);
  expect(client.coordinate).toEqual(origin);

  for (let round = 0; round < 20; round += 1) observe(client, 'peer', peer, 20 * ms);
  expect(client.resets).toBe(1);
  expect(client.coordinate.error).toBeLessThan(1.5);
});

test('weakness 1: no single answer leads out of the network, however near its limits lie', () => {
  const client = new Vivaldi(seeded(1));
  const honest = { ...origin, vec: [0.001, 0, 0, 0, 0, 0, 0, 0], error: 0.3 };
  for (let round = 0; round < 50; round += 1) observe(client, 'honest', honest, 2 * ms);
  const before = client.coordinate;
  const besideIt = before.vec.map((part, index) => (index === 0 ? part + 2e-6 : part));
  const hostile = { vec: besideIt, error: 0, adjustment: -59.99, height: 60 };

  const refusal = observe(client, 'hostile', hostile, 450 * ms);

  expect(refusal).toContain('out of the network');
  expect(client.coordinate).toEqual(before);
  observe(client, 'honest', honest, 2 * ms);
  expect(distanceSeconds(client.coordinate, honest)).toBeCloseTo(0.002, 3);
  expect(client.resets).toBe(0);
});

test('weakness 2: whatever peers say, the own error stays between 0 and 1.5', () => {
  const random = seeded(1);
  const client = new Vivaldi(random);
  for (let round = 0; round < 2_000; round += 1) {
    const number = () => (random() - 0.5) * 10 ** (random() * 12 - 9);
    const coordinate = {
      vec: origin.vec.map(number),
      error: number(),
      adjustment: number(),
      height: number(),
    };
    observe(client, `peer ${round % 5}`, coordinate, Math.floor(random() * 11 * second));
    expect(client.coordinate.error).toBeGreaterThanOrEqual(0);
    expect(client.coordinate.error).toBeLessThanOrEqual(1.5);
  }
  expect(client.resets).toBe(0);
});

describe('places come to predict the round trips (spec/04 §9.5)', () => {
  interface Truth {
    readonly what: string;
    readonly count: number;
    readonly dimensions?: number;
    readonly rttMs: (one: number, other: number) => number;
    readonly averageError: number;
    readonly largestError: number;
  }
  const circleMs = (one: number, other: number) =>
    one === 0 || other === 0 ? 200 : 200 * Math.abs(Math.sin(((one - other) * Math.PI) / 24));
  const truths: readonly Truth[] = [
    {
      what: 'a line',
      count: 10,
      rttMs: (one, other) => 10 * Math.abs(one - other),
      averageError: 0.01,
      largestError: 0.06,
    },
    {
      what: 'a grid',
      count: 25,
      rttMs: (one, other) =>
        10 * Math.hypot((one % 5) - (other % 5), Math.floor(one / 5) - Math.floor(other / 5)),
      averageError: 0.005,
      largestError: 0.06,
    },
    {
      what: 'two halves',
      count: 25,
      rttMs: (one, other) => (one < 13 === other < 13 ? 1 : 11),
      averageError: 0.0002,
      largestError: 0.002,
    },
    {
      what: 'a circle, and one far from it',
      count: 25,
      dimensions: 2,
      rttMs: circleMs,
      averageError: 0.01,
      largestError: 0.15,
    },
    {
      what: 'round trips that no space has, each drawn by itself',
      count: 25,
      rttMs: drawnMs(25),
      averageError: 0.1,
      largestError: 0.5,
    },
  ];

  test.each(truths)('$what', ({ count, dimensions = 8, rttMs, averageError, largestError }) => {
    const clients = simulate({ count, dimensions, cycles: 1_000, rttMs });
    const errors = relativeErrors(clients, rttMs);

    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(
      averageError,
    );
    expect(Math.max(...errors)).toBeLessThan(largestError);
  });

  test('a node far from a circle of others gets a height, the others none', () => {
    const clients = simulate({ count: 25, dimensions: 2, cycles: 1_000, rttMs: circleMs });
    const [first, ...others] = clients.map((client) => client.coordinate.height);

    expect(first).toBeGreaterThan(0.097);
    expect(Math.max(...others)).toBeLessThan(0.006);
  });

  test('gravity keeps the whole from drifting away', () => {
    const clients = [0, 1, 2, 3].map((index) => {
      const vec = [index % 2 === 0 ? 1 : 1.1, index < 2 ? 1 : 1.1];
      return new Vivaldi(seeded(index), { ...originOf(2), vec });
    });
    const rttMs = (one: number, other: number) =>
      100 * Math.hypot((one % 2) - (other % 2), (one < 2 ? 0 : 1) - (other < 2 ? 0 : 1));
    const distanceOfCentre = () =>
      magnitude(
        [0, 1].map(
          (axis) =>
            clients.reduce((sum, { coordinate }) => sum + (coordinate.vec[axis] as number), 0) / 4,
        ),
      );

    run(clients, 1_000, rttMs, seeded(9));
    const before = distanceOfCentre();
    run(clients, 10_000, rttMs, seeded(10));

    expect(distanceOfCentre()).toBeLessThanOrEqual(0.8 * before);
  });
});

/** One round trip for each pair, normally distributed: 100 ms on average, with a deviation of 10 ms. */
function drawnMs(count: number): (one: number, other: number) => number {
  const random = seeded(5);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const drawn = Array.from({ length: count * count }, () => 100 + 10 * normal());
  return (one, other) => drawn[Math.min(one, other) * count + Math.max(one, other)] as number;
}

interface Setup {
  readonly count: number;
  readonly dimensions: number;
  readonly cycles: number;
  readonly rttMs: (one: number, other: number) => number;
}

function simulate({ count, dimensions, cycles, rttMs }: Setup): Vivaldi[] {
  const clients = Array.from(
    { length: count },
    (_, index) => new Vivaldi(seeded(index + 1), originOf(dimensions)),
  );
  run(clients, cycles, rttMs, seeded(77));
  return clients;
}

/** In each cycle every node measures one other, chosen at random. */
function run(
  clients: readonly Vivaldi[],
  cycles: number,
  rttMs: Setup['rttMs'],
  random: () => number,
): void {
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    for (const [index, client] of clients.entries()) {
      const peer = Math.floor(random() * clients.length);
      if (peer === index) continue;
      const rtt = Math.round(rttMs(index, peer) * ms);
      observe(client, `node ${peer}`, (clients[peer] as Vivaldi).coordinate, rtt);
    }
  }
}

function relativeErrors(clients: readonly Vivaldi[], rttMs: Setup['rttMs']): number[] {
  return clients.flatMap((one, index) =>
    clients.slice(index + 1).map((other, offset) => {
      const actual = rttMs(index, index + 1 + offset) / 1_000;
      return Math.abs(distanceSeconds(one.coordinate, other.coordinate) - actual) / actual;
    }),
  );
}
