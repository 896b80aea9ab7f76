import { expect, test } from 'vitest';
import { EngineMeasures } from '../../../src/engine/metrics/engine-measures.js';
import type { SerfEvent } from '../../../src/serf/event.js';

const user = (name: string): SerfEvent => ({
  type: 'user',
  ltime: 1,
  name,
  payload: new Uint8Array(),
  coalesce: false,
});

test('events count under their kind and under their name', () => {
  const measures = new EngineMeasures();

  measures.heard(user('deploy'), 5);
  measures.heard(user('deploy'), 6);
  measures.heard(user('other'), 7);
  measures.heard({ type: 'member-reap', members: [] }, 8);

  const counts = [...measures.events].map(([name, measure]) => [name, measure.take()?.count]);
  expect(counts).toEqual([
    ['serf.events', 3],
    ['serf.events.deploy', 2],
    ['serf.events.other', 1],
  ]);
});

test('names that others choose fill no memory: behind a thousand only the total counts', () => {
  const measures = new EngineMeasures();

  for (let index = 0; index < 5_000; index += 1) measures.heard(user(`name-${index}`), index);

  expect(measures.events.size).toBe(1_000);
  expect(measures.events.get('serf.events')?.take()?.count).toBe(5_000);
});

test('however many names others choose, what happens to members and queries counts', () => {
  const measures = new EngineMeasures();
  for (let index = 0; index < 5_000; index += 1) measures.heard(user(`name-${index}`), index);

  const query = { id: 1, from: 'a', deadlineMs: 0, ltime: 1, payload: new Uint8Array() };
  measures.heard({ type: 'query', query: 1, name: 'load', ...query }, 9);

  expect(measures.events.get('serf.queries')?.take()?.count).toBe(1);
  expect(measures.events.get('serf.queries.load')).toBeUndefined();
});
