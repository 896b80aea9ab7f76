import { expect, test } from 'vitest';
import type { MemberEventType } from '../../../src/serf/member.js';
import { encodeSnapshotRecord } from '../../../src/serf/snapshot/snapshot-record.js';
import { SnapshotRecorder } from '../../../src/serf/snapshot/snapshot-recorder.js';
import { SnapshotState } from '../../../src/serf/snapshot/snapshot-state.js';
import { Network } from '../nodes-under-test.js';

/** A recorder whose records are applied and collected, as a file would have them. */
function recording(rejoinAfterLeave = false) {
  const state = new SnapshotState({ rejoinAfterLeave, aliveLimit: 100, failedLimit: 100 });
  const recorder = new SnapshotRecorder('alpha', state);
  const lines: string[] = [];
  const write = (records: ReturnType<SnapshotRecorder['leave']>) => {
    for (const record of records) {
      state.apply(record);
      lines.push((encodeSnapshotRecord(record) ?? '?\n').slice(0, -1));
    }
  };
  const member = (name: string) => {
    const found = new Network().start(name).node.local;
    return { ...found, endpoint: { host: '10.0.0.1', port: 7_000 } };
  };
  return {
    state,
    lines,
    event: (type: MemberEventType, name: string) =>
      write(recorder.hear({ type: 'event', event: { type, members: [member(name)] } })),
    clocks: (clock: number, events: number, queries: number) =>
      write(recorder.clocks({ clock, 'event-clock': events, 'query-clock': queries })),
    leave: () => write(recorder.leave()),
  };
}

test('a life is recorded in the lines of Serf, and what Serf leaves out in comments', () => {
  const { lines, event, clocks } = recording();

  event('member-join', 'alpha');
  clocks(1, 1, 1);
  event('member-join', 'beta');
  clocks(2, 3, 1);
  event('member-update', 'beta');
  event('member-failed', 'beta');
  event('member-reap', 'beta');
  event('member-join', 'gamma');
  event('member-leave', 'gamma');
  clocks(2, 3, 9);

  expect(lines).toEqual([
    'alive: alpha 10.0.0.1:7000',
    'alive: beta 10.0.0.1:7000',
    'clock: 1',
    'event-clock: 2',
    'not-alive: beta',
    '# failed: beta 10.0.0.1:7000',
    'alive: gamma 10.0.0.1:7000',
    'not-alive: gamma',
    'query-clock: 8',
  ]);
});

test('a clock that reads 0 is not recorded (weakness 1)', () => {
  const { lines, clocks } = recording();

  clocks(0, 0, 0);

  expect(lines).toEqual([]);
});

test('what filters kept from this node is taken all the same, as the clock saw it (weakness 17)', () => {
  const { lines, clocks } = recording();

  // Neither a query nor an event was delivered.
  clocks(1, 4, 9);

  expect(lines).toEqual(['event-clock: 3', 'query-clock: 8']);
});

test('behind a leave only the clock is recorded', () => {
  const { state, lines, event, clocks, leave } = recording();
  event('member-join', 'beta');
  clocks(5, 5, 5);
  lines.length = 0;

  leave();
  event('member-leave', 'alpha');
  clocks(6, 6, 6);
  leave();

  expect(lines).toEqual(['leave', 'clock: 5']);
  expect(state.restored('alpha')).toMatchObject({ peers: [], clock: 5, eventClock: 0 });
});

test('with a rejoin in view the leave forgets nothing', () => {
  const { state, event, clocks, leave } = recording(true);
  event('member-join', 'beta');
  clocks(5, 5, 5);

  leave();

  expect(state.restored('alpha')).toMatchObject({ clock: 4, eventClock: 4, queryClock: 4 });
  expect(state.restored('alpha').peers).toHaveLength(1);
});
