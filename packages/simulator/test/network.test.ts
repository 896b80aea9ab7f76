import { expect, test } from 'vitest';
import { calmNetwork, Network, type NetworkModel, oneWayCut, partition } from '../src/network.js';
import { RandomSource } from '../src/random-source.js';

function networkWith(model: Partial<NetworkModel>): Network {
  return new Network({ ...calmNetwork, ...model }, new RandomSource(5));
}

function sendMany(network: Network, count: number): number[][] {
  return Array.from({ length: count }, () => network.datagram());
}

test('a calm network delivers each datagram once, never faster than its latency', () => {
  const arrivals = sendMany(networkWith({ latencyMs: 2, jitterMs: 1 }), 2_000);

  expect(arrivals.every((delays) => delays.length === 1)).toBe(true);
  const delays = arrivals.flat();
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(2);
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  expect(mean).toBeCloseTo(3, 0);
});

test('loss and duplication take their shares, and are counted', () => {
  const network = networkWith({ loss: 0.2, duplication: 0.1 });

  const arrivals = sendMany(network, 10_000);

  const lost = arrivals.filter((delays) => delays.length === 0).length;
  const doubled = arrivals.filter((delays) => delays.length === 2).length;
  expect(lost / 10_000).toBeCloseTo(0.2, 1);
  expect(doubled / 8_000).toBeCloseTo(0.1, 1);
  expect(network.counters).toMatchObject({ lost, duplicated: doubled });
});

test('reordering holds some datagrams back, so that later ones overtake them', () => {
  const model = { latencyMs: 1, jitterMs: 0, reordering: 0.5, reorderingDelayMs: 100 };

  const delays = sendMany(networkWith(model), 1_000).flat();

  const late = delays.filter((delay) => delay > 1).length;
  expect(late / 1_000).toBeCloseTo(0.5, 1);
  expect(Math.max(...delays)).toBeLessThanOrEqual(101);
});

test('a one-way cut leaves the other direction open', () => {
  const network = networkWith({});

  const end = network.cut(oneWayCut(['a'], 'all', false));

  expect(network.cutBetween('a', 'b')).toBeDefined();
  expect(network.cutBetween('b', 'a')).toBeUndefined();
  end();
  expect(network.cutBetween('a', 'b')).toBeUndefined();
});

test('a partition holds between its groups and keeps the unnamed together', () => {
  const network = networkWith({});

  network.cut(partition([['a', 'b'], ['c']]));

  expect(network.cutBetween('a', 'b')).toBeUndefined();
  expect(network.cutBetween('a', 'c')).toBeDefined();
  expect(network.cutBetween('d', 'a')).toBeDefined();
  expect(network.cutBetween('d', 'e')).toBeUndefined();
});

test('changes of the model overlap, and each ends by itself', () => {
  const network = networkWith({});
  const endLoss = network.change({ loss: 1 });
  const endMore = network.change({ loss: 0, duplication: 1 });

  expect(network.datagram()).toHaveLength(2);
  endMore();
  expect(network.datagram()).toHaveLength(0);
  endLoss();
  expect(network.datagram()).toHaveLength(1);
});

test('healing ends every cut and every change', () => {
  const network = networkWith({});
  network.cut(oneWayCut('all', 'all', true));
  network.change({ loss: 1 });

  network.heal();

  expect(network.cutBetween('a', 'b')).toBeUndefined();
  expect(network.datagram()).toHaveLength(1);
});
