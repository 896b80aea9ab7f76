import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLoop } from '../../src/events/event-loop.js';
import type { HostEvent } from '../../src/rpc/host.js';
import { member } from '../rpc/fake-host.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const user = (name: string, coalesce: boolean, ltime = 1): HostEvent => ({
  type: 'user',
  name,
  ltime,
  payload: new Uint8Array(),
  coalesce,
});
const query: HostEvent = {
  type: 'query',
  query: 1,
  name: 'load',
  ltime: 1,
  payload: new Uint8Array(),
  from: 'a',
  deadline: 0,
};

function setUp() {
  const loop = new EventLoop();
  const heard: string[] = [];
  loop.subscribe((event) => heard.push('name' in event ? event.name : event.type));
  return { loop, heard };
}

test('queries and events that are not to be coalesced are told at once, past those that are held', () => {
  const { loop, heard } = setUp();

  loop.take({ type: 'member-join', members: [member('a')] });
  loop.take(user('held', true));
  loop.take(user('now', false));
  loop.take(query);

  expect(heard).toEqual(['now', 'load']);
  vi.advanceTimersByTime(1_100);
  expect(heard).toEqual(['now', 'load', 'member-join', 'held']);
});

test('a stream of one kind does not hold up the other', () => {
  const { loop, heard } = setUp();

  loop.take(user('held', true));
  for (let elapsed = 0; elapsed < 2_000; elapsed += 500) {
    loop.take({ type: 'member-join', members: [member(`m${elapsed}`)] });
    vi.advanceTimersByTime(500);
  }

  expect(heard).toEqual(['held']);
  vi.advanceTimersByTime(1_100);
  expect(heard).toEqual(['held', 'member-join']);
});

test('a flood of events that may be coalesced is told in between, and all of it', () => {
  const { loop, heard } = setUp();

  for (let index = 0; index < 20_000; index += 1) loop.take(user(`e${index}`, true));
  expect(heard).toHaveLength(16_384);
  vi.advanceTimersByTime(1_100);

  expect(heard).toHaveLength(20_000);
});

test('after the stop nothing is told', () => {
  const { loop, heard } = setUp();

  loop.take(user('held', true));
  loop.stop();
  loop.take(user('now', false));
  vi.advanceTimersByTime(5_000);

  expect(heard).toEqual([]);
});
