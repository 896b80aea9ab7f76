import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compactionThreshold } from '../../../src/serf/snapshot/compaction.js';
import { Replay } from '../../../src/serf/snapshot/replay.js';
import {
  encodeSnapshotRecord,
  type SnapshotRecord,
} from '../../../src/serf/snapshot/snapshot-record.js';
import { SnapshotState } from '../../../src/serf/snapshot/snapshot-state.js';

const options = { rejoinAfterLeave: false, aliveLimit: 1_000, failedLimit: 1_000 };

function replay(lines: readonly string[], rejoinAfterLeave = false): Replay {
  const reading = new Replay({ ...options, rejoinAfterLeave });
  for (const line of lines) reading.line(line);
  return reading;
}

function ofSerf(name: string, rejoinAfterLeave = false) {
  const url = new URL(`../../vectors/snapshots/snapshot-${name}`, import.meta.url);
  const reading = replay(readFileSync(url, 'utf8').split('\n').slice(0, -1), rejoinAfterLeave);
  expect(reading.unknownLines).toBe(0);
  const { clock, eventClock, queryClock, peers } = reading.state.restored('nobody');
  return {
    clocks: [clock, eventClock, queryClock],
    peers: peers.map((peer) => `${peer.name} ${peer.endpoint.host}:${peer.endpoint.port}`).sort(),
  };
}

describe('snapshots that Serf agents wrote', () => {
  test('of a node that saw others leave, fail and come back', () => {
    expect(ofSerf('local-n0')).toEqual({
      clocks: [7, 14, 9],
      peers: ['local-n0 127.0.0.1:27100', 'local-n1 127.0.0.1:27101', 'local-n3 127.0.0.1:27103'],
    });
  });

  test('of a node that left: members and clocks are forgotten, but for the clock behind it', () => {
    expect(ofSerf('lan-n0-after-own-leave')).toEqual({ clocks: [4, 0, 0], peers: [] });
  });

  test('of a node that left and is to rejoin: nothing is forgotten', () => {
    expect(ofSerf('lan-n0-after-own-leave', true)).toEqual({
      clocks: [4, 14, 9],
      peers: ['lan-n0 127.0.0.1:27000', 'lan-n1 127.0.0.1:27001', 'lan-n4 127.0.0.1:27004'],
    });
  });

  test('of a node that left and started again', () => {
    expect(ofSerf('rejoin-n1-back')).toEqual({
      clocks: [2, 0, 0],
      peers: ['rejoin-n1 127.0.0.1:28501'],
    });
  });

  test('of a node that was killed', () => {
    expect(ofSerf('rejoin-n2-killed')).toEqual({
      clocks: [2, 2, 1],
      peers: [
        'rejoin-n0 127.0.0.1:28500',
        'rejoin-n1 127.0.0.1:28501',
        'rejoin-n2 127.0.0.1:28502',
      ],
    });
  });
});

test('failed members stay known, until they come back, leave, or are written off', () => {
  const lines = [
    'alive: a 10.0.0.1:7946',
    'alive: b 10.0.0.2:7946',
    'not-alive: a',
    '# failed: a 10.0.0.1:7946',
    'not-alive: b',
    '# failed: b 10.0.0.2:7946',
  ];
  const peers = (more: readonly string[]) =>
    replay([...lines, ...more])
      .state.restored('self')
      .peers.map(({ name }) => name);

  expect(peers([])).toEqual(['a', 'b']);
  expect(peers(['alive: a 10.0.0.9:7946'])).toEqual(['a', 'b']);
  expect(peers(['not-alive: a'])).toEqual(['b']);
  expect(replay(lines).state.alive()).toEqual([]);
});

test('lines that nobody knows are counted, and harm no other', () => {
  const reading = replay(['clock: 3', 'frobnicate: 1', 'alive: n', 'clock: x', 'event-clock: 4']);

  expect(reading.unknownLines).toBe(3);
  expect(reading.firstUnknown).toBe('frobnicate: 1');
  expect(reading.state.restored('self')).toMatchObject({ clock: 3, eventClock: 4 });
});

test('a leave that is passed over is told', () => {
  expect(replay(['leave'], true).hasIgnoredLeave).toBe(true);
  expect(replay(['leave']).hasIgnoredLeave).toBe(false);
});

test('beyond its limits a snapshot forgets the oldest', () => {
  const state = new SnapshotState({ ...options, aliveLimit: 2, failedLimit: 1 });
  const peer = (name: string) => ({ name, endpoint: { host: '10.0.0.1', port: 7_946 } });
  for (const name of ['a', 'b', 'c']) state.apply({ type: 'alive', peer: peer(name) });
  for (const name of ['x', 'y']) state.apply({ type: 'failed', peer: peer(name) });

  expect(state.restored('self').peers.map(({ name }) => name)).toEqual(['b', 'c', 'y']);
});

test('a compacted snapshot says what the long one said', () => {
  const name = fc.constantFrom('a', 'b', 'c d', 'e');
  const peer = fc.record({
    name,
    endpoint: fc.record({ host: fc.constant('10.0.0.1'), port: fc.integer({ min: 1, max: 9 }) }),
  });
  const record: fc.Arbitrary<SnapshotRecord> = fc.oneof(
    fc.record({ type: fc.constantFrom('alive', 'failed'), peer }),
    fc.record({ type: fc.constant('not-alive' as const), name }),
    fc.record({
      type: fc.constantFrom('clock' as const, 'event-clock' as const, 'query-clock' as const),
      time: fc.nat(99),
    }),
    fc.record({ type: fc.constant('leave' as const) }),
  ) as fc.Arbitrary<SnapshotRecord>;
  fc.assert(
    fc.property(fc.array(record), fc.boolean(), (records, rejoinAfterLeave) => {
      const whole = replay(records.map(lineOf), rejoinAfterLeave);
      const compacted = replay(whole.state.records().map(lineOf), rejoinAfterLeave);

      expect(compacted.state.restored('self')).toEqual(whole.state.restored('self'));
      expect(compacted.state.alive()).toEqual(whole.state.alive());
    }),
  );
});

function lineOf(record: SnapshotRecord): string {
  return (encodeSnapshotRecord(record) ?? '').slice(0, -1);
}

test('a file is compacted when it has twice what its nodes need, and never below 128 KiB', () => {
  expect(compactionThreshold(0, 0)).toBe(131_072);
  expect(compactionThreshold(512, 20)).toBe(131_072);
  expect(compactionThreshold(1_000, 40_000)).toBe(256_000);
  expect(compactionThreshold(10, 500_000)).toBe(1_000_000);
});
