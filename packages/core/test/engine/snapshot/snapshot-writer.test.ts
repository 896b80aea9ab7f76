import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SnapshotWriter } from '../../../src/engine/snapshot/snapshot-writer.js';
import { SnapshotState } from '../../../src/serf/snapshot/snapshot-state.js';
import { diskFull, FakeDisk } from './fake-disk.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function writing(options: { readonly pendingLimitBytes?: number } = {}) {
  const disk = new FakeDisk();
  const state = new SnapshotState({ rejoinAfterLeave: false, aliveLimit: 100, failedLimit: 100 });
  const log: string[] = [];
  const write = ({ level, text }: { level: string; text: string }) => log.push(`${level} ${text}`);
  return { disk, log, writer: new SnapshotWriter(disk, state, write, options) };
}

const clock = (time: number) => ({ type: 'clock', time }) as const;
const alive = (name: string) =>
  ({ type: 'alive', peer: { name, endpoint: { host: '10.0.0.1', port: 7_946 } } }) as const;

test('records reach the file together, a moment later', async () => {
  const { disk, writer } = writing();

  writer.write([alive('a')]);
  writer.write([clock(1), clock(2)]);
  expect(disk.attempts).toBe(0);
  await vi.advanceTimersByTimeAsync(200);

  expect(disk.text).toBe('alive: a 10.0.0.1:7946\nclock: 1\nclock: 2\n');
  expect(disk.attempts).toBe(1);
  expect(writer.counters).toMatchObject({ lines: 3, errors: 0 });
});

test('a leave is written at once and down to the disk', async () => {
  const { disk, writer } = writing();
  writer.write([clock(4)]);

  writer.writeThrough([{ type: 'leave' }]);
  await vi.advanceTimersByTimeAsync(0);

  expect(disk.text).toBe('clock: 4\nleave\n');
  expect(disk.syncs).toBe(1);
});

test('a close writes what is left', async () => {
  const { disk, writer } = writing();
  writer.write([clock(4)]);

  await writer.close();
  writer.write([clock(5)]);
  await vi.advanceTimersByTimeAsync(1_000);

  expect(disk.text).toBe('clock: 4\n');
  expect(disk.syncs).toBe(1);
  expect(disk.isClosed).toBe(true);
});

test('a file that grew too long is replaced by what it says', async () => {
  const { disk, writer } = writing();
  disk.text = `${'#'.repeat(131_100)}\n`;
  writer.write([alive('a'), clock(1), clock(2)]);

  await vi.advanceTimersByTimeAsync(200);

  expect(disk.text).toBe('alive: a 10.0.0.1:7946\nclock: 2\n');
  expect(writer.counters.compactions).toBe(1);
});

test('after a full disk the file is written anew, whole, without half a line (weakness 15)', async () => {
  const { disk, log, writer } = writing();
  writer.write([alive('a')]);
  await vi.advanceTimersByTimeAsync(200);
  disk.broken = diskFull();
  disk.tornAt = 7;

  writer.write([alive('b')]);
  await vi.advanceTimersByTimeAsync(200);
  writer.write([clock(9)]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(disk.text).toBe('alive: a 10.0.0.1:7946\nalive: ');
  disk.broken = undefined;
  await vi.advanceTimersByTimeAsync(60_000);

  expect(disk.text).toBe('alive: a 10.0.0.1:7946\nalive: b 10.0.0.1:7946\nclock: 9\n');
  expect(log).toEqual([
    'ERR serf: Failed to update snapshot: no space left on device; it is tried again until it works',
    'INFO serf: Snapshot is written again',
  ]);
});

test('a broken disk is tried less and less often, and complained of rarely, however much happens', async () => {
  const { disk, log, writer } = writing();
  disk.broken = diskFull();

  for (let second = 0; second < 600; second += 1) {
    writer.write([clock(second + 1)]);
    await vi.advanceTimersByTimeAsync(1_000);
  }

  // 1 + 2 + 4 + 8 + 16 seconds apart, then every 30.
  expect(disk.attempts).toBeGreaterThan(15);
  expect(disk.attempts).toBeLessThan(30);
  expect(log.length).toBeLessThanOrEqual(2);
});

test('a disk that hangs costs no more memory than the limit, and gets the whole state in the end', async () => {
  const { disk, writer } = writing({ pendingLimitBytes: 100 });
  let release: () => void = () => undefined;
  disk.gate = new Promise((resolve) => {
    release = resolve;
  });
  writer.write([alive('a')]);
  await vi.advanceTimersByTimeAsync(200);
  for (let time = 1; time <= 1_000; time += 1) writer.write([clock(time)]);

  release();
  await vi.advanceTimersByTimeAsync(1_000);

  expect(disk.text).toBe('alive: a 10.0.0.1:7946\nclock: 1000\n');
});

test('a record that comes while the file is replaced follows it', async () => {
  const { disk, writer } = writing();
  disk.broken = diskFull();
  writer.write([clock(1)]);
  await vi.advanceTimersByTimeAsync(200);
  disk.broken = undefined;
  let release: () => void = () => undefined;
  disk.gate = new Promise((resolve) => {
    release = resolve;
  });
  await vi.advanceTimersByTimeAsync(1_000);

  writer.write([clock(2)]);
  release();
  await vi.advanceTimersByTimeAsync(1_000);

  expect(disk.text).toBe('clock: 1\nclock: 2\n');
});

test('a name with a line feed is counted, and the others are written', async () => {
  const { disk, writer } = writing();
  writer.write([alive('x\nleave'), alive('b')]);

  await vi.advanceTimersByTimeAsync(200);

  expect(disk.text).toBe('alive: b 10.0.0.1:7946\n');
  expect(writer.counters.unwritable).toBe(1);
});
