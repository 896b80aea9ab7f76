import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Buckets } from '../../src/metrics/buckets.js';

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

const start = Date.UTC(2026, 10, 23, 12, 46, 10);

const measured = (lastMs: number, ...values: number[]) => ({
  count: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  sumOfSquares: values.reduce((sum, value) => sum + value * value, 0),
  min: Math.min(...values),
  max: Math.max(...values),
  lastMs,
  values,
});

describe('the dump', () => {
  test('has the form of Serf: gauges, counters, samples, and a spread only where there is one', () => {
    const buckets = new Buckets(start);
    buckets.add(
      { type: 'sample', name: 'g.gossip', measured: measured(start + 2_500, 1, 2, 6) },
      start,
    );
    buckets.add({ type: 'counter', name: 'g.a b', measured: measured(start + 1_000, 1) }, start);
    buckets.add({ type: 'counter', name: 'g.a b', measured: measured(start + 3_000, 1) }, start);
    buckets.add({ type: 'gauge', name: 'g.heap', value: 4_309 }, start);
    buckets.add({ type: 'gauge', name: 'g.heap', value: 4_310 }, start);

    expect(buckets.dump(start + 10_000)).toBe(
      [
        "[2026-11-23 12:46:10 +0000 UTC][G] 'g.heap': 4310.000",
        "[2026-11-23 12:46:10 +0000 UTC][C] 'g.a_b': Count: 2 Sum: 2.000 LastUpdated: 2026-11-23 12:46:13 +0000 UTC m=+3.000000000",
        "[2026-11-23 12:46:10 +0000 UTC][S] 'g.gossip': Count: 3 Min: 1.000 Mean: 3.000 Max: 6.000 Stddev: 2.646 Sum: 9.000 LastUpdated: 2026-11-23 12:46:12.5 +0000 UTC m=+2.500000000",
        '',
      ].join('\n'),
    );
  });

  test('leaves out the ten seconds that are not over', () => {
    const buckets = new Buckets(start);
    buckets.add({ type: 'gauge', name: 'x', value: 1 }, start + 9_999);
    buckets.add({ type: 'gauge', name: 'x', value: 2 }, start + 10_000);

    expect(buckets.dump(start + 9_999)).toBe('');
    expect(buckets.dump(start + 10_000)).toContain("'x': 1.000");
    expect(buckets.dump(start + 19_999)).not.toContain("'x': 2.000");
  });

  test('holds the last minute', () => {
    const buckets = new Buckets(start);
    for (let index = 0; index < 20; index += 1) {
      buckets.add({ type: 'gauge', name: 'x', value: index }, start + index * 10_000);
    }

    const values = [...buckets.dump(start + 200_000).matchAll(/'x': (\d+)/g)].map(([, v]) => v);
    expect(values).toEqual(['14', '15', '16', '17', '18', '19']);
  });
});
