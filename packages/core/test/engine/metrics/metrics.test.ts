import { expect, test } from 'vitest';
import { EngineMeasures } from '../../../src/engine/metrics/engine-measures.js';
import { Metrics } from '../../../src/engine/metrics/metrics.js';
import { Measure } from '../../../src/swim/measure.js';
import { Network } from '../../serf/nodes-under-test.js';
import { serfMetrics } from './serf-metrics.js';

/** Adds a value to every measure. */
function fill(measures: object): void {
  for (const measure of Object.values(measures)) {
    if (measure instanceof Measure) measure.add(1, 0);
  }
}

/** The same counts, as if each had counted once. */
function once<Counts extends object>(counts: Counts): Counts {
  const entries = Object.entries(counts).map(([name, count]) => [
    name,
    typeof count === 'object' ? once(count) : 1,
  ]);
  return Object.fromEntries(entries);
}

/** What an engine tells to which all that can be counted has happened. */
function everything() {
  const { node } = new Network().start('alpha');
  const measures = new EngineMeasures();
  const snapshot = { appends: new Measure(), compactions: new Measure() };
  for (const each of [measures, snapshot, node.measures, node.membership.measures]) fill(each);
  const payload = undefined;
  measures.heard({ type: 'user', ltime: 1, name: '<name>', payload, coalesce: false }, 0);
  const asked = { query: 1, ltime: 1, id: 1, from: 'alpha', deadlineMs: 0 };
  measures.heard({ type: 'query', name: '<name>', payload, ...asked }, 0);
  const members = [node.local];
  for (const type of ['join', 'leave', 'failed', 'update', 'reap'] as const) {
    measures.heard({ type: `member-${type}`, members }, 0);
  }
  const { membership, measures: own, counters } = node;
  return new Metrics({ membership, measures: own, counters: once(counters) }, measures, snapshot);
}

test.each(['gauge', 'counter', 'sample'] as const)(
  'every %s has the name that Serf gives it',
  (type) => {
    const told = everything().take(0, 0);

    const names = told.filter((metric) => metric.type === type).map(({ name }) => name);
    expect(names.sort()).toEqual([...serfMetrics[type]].sort());
  },
);

test('what was told is not told again', () => {
  const metrics = everything();
  metrics.take(0, 0);

  expect(metrics.take(1, 1).filter(({ type }) => type !== 'gauge')).toEqual([]);
});
