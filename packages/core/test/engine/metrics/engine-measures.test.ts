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
