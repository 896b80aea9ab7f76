import { expect, test } from 'vitest';
import { metricLines } from '../../src/metrics/metric-line.js';

const measured = (values: readonly number[]) => ({
  count: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  sumOfSquares: 0,
  min: Math.min(...values),
  max: Math.max(...values),
  lastMs: 0,
  values,
});

test('gauges, counters and samples have the lines that statsd reads', () => {
  expect(metricLines({ type: 'gauge', name: 'a.b', value: 1.5 })).toEqual(['a.b:1.500000|g\n']);
  expect(metricLines({ type: 'counter', name: 'c', measured: measured([1, 2]) })).toEqual([
    'c:3.000000|c\n',
  ]);
  expect(metricLines({ type: 'sample', name: 's', measured: measured([0.25, 4]) })).toEqual([
    's:0.250000|ms\n',
    's:4.000000|ms\n',
  ]);
});

test('what would end a name too early is replaced; dots stay', () => {
  expect(metricLines({ type: 'gauge', name: 'invoke.true a:b c.d\n|x', value: 0 })).toEqual([
    'invoke.true_a_b_c.d__x:0.000000|g\n',
  ]);
});
