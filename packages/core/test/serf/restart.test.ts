import { expect, test } from 'vitest';
import { origin } from '../../src/coordinates/coordinate.js';
import type { RestoredState } from '../../src/serf/snapshot/restored-state.js';
import { Network } from './nodes-under-test.js';

const nothing: RestoredState = {
  clock: 0,
  eventClock: 0,
  queryClock: 0,
  peers: [],
  coordinate: undefined,
};

function restarted(restored: Partial<RestoredState>) {
  return new Network().start('alpha', {}, undefined, { ...nothing, ...restored });
}

test('a node goes on with the clocks of its snapshot', () => {
  const alpha = restarted({ clock: 41, eventClock: 6, queryClock: 99 });

  expect(alpha.node.stats()).toMatchObject({
    member_time: '42',
    event_time: '7',
    query_time: '100',
  });
});

test('an empty snapshot is as none', () => {
  expect(restarted({}).node.stats()).toMatchObject({
    member_time: '1',
    event_time: '1',
    query_time: '1',
  });
});

test('no event is delivered twice over a restart', () => {
  const alpha = restarted({ eventClock: 6 });
  const group = (ltime: number, name: string) => ({
    ltime,
    events: [{ name, payload: undefined }],
  });

  const outputs = alpha.mergeState({
    eventLTime: 9,
    events: [group(5, 'older'), group(6, 'last'), group(7, 'missed'), group(8, 'new')],
  });

  const delivered = outputs
    .filter((output) => output.type === 'event')
    .map(({ event }) => (event.type === 'user' ? event.name : event.type));
  expect(delivered).toEqual(['missed', 'new']);
});

test('a node begins where it was in the network', () => {
  const coordinate = { ...origin, vec: [0.02, 0, 0, 0, 0, 0, 0, 0], error: 0.5 };

  expect(restarted({ coordinate }).node.coordinate('alpha')).toEqual(coordinate);
});
