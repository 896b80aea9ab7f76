import { expect, test } from 'vitest';
import { LatencyFilter } from '../../src/coordinates/latency-filter.js';

test('the median of the last three round trips counts, for each peer by itself (spec/04 §9.2)', () => {
  const filter = new LatencyFilter();

  const filtered = [0.201, 0.2, 0.207, 1.9, 0.203, 0.199, 0.211].map((rtt) => filter.add('a', rtt));

  expect(filtered).toEqual([0.201, 0.201, 0.201, 0.207, 0.207, 0.203, 0.203]);
  expect(filter.add('b', 0.31)).toBe(0.31);
});

test('a forgotten peer begins anew', () => {
  const filter = new LatencyFilter();
  filter.add('a', 0.2);

  filter.forget('a');

  expect(filter.add('a', 0.888)).toBe(0.888);
});
