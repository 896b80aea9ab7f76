import type { UserEvent } from '@tserf/core';
import { expect, test } from 'vitest';
import { UserCoalescer } from '../../src/events/user-coalescer.js';

const periods = { quietMs: 1_000, periodMs: 3_000 };

/** `deploy@3:v1` is the event deploy at the Lamport time 3 with the payload v1. */
function event(text: string): UserEvent {
  const [, name = '', ltime = '', payload = ''] = /^(.*)@(\d+):(.*)$/.exec(text) ?? [];
  return {
    type: 'user',
    name,
    ltime: Number(ltime),
    payload: new TextEncoder().encode(payload),
    coalesce: true,
  };
}

function told(coalescer: UserCoalescer): string[] {
  return coalescer
    .flush()
    .map(({ name, ltime, payload }) => `${name}@${ltime}:${new TextDecoder().decode(payload)}`);
}

test.each([
  ['the newest of a name wins', ['a@1:x', 'a@3:y', 'a@2:z'], ['a@3:y']],
  ['those of one Lamport time are all told', ['a@2:x', 'a@2:y', 'a@1:z'], ['a@2:x', 'a@2:y']],
  ['names do not meet', ['a@1:x', 'b@1:x', 'a@2:y'], ['b@1:x', 'a@2:y']],
])('%s', (_, given, expected) => {
  const coalescer = new UserCoalescer(periods);
  for (const text of given) coalescer.add(event(text), 0);

  expect(told(coalescer)).toEqual(expected);
  expect(told(coalescer)).toEqual([]);
});

test('a flush is due a second after the last event, three after the first', () => {
  const coalescer = new UserCoalescer(periods);
  expect(coalescer.dueMs).toBeUndefined();
  coalescer.add(event('a@1:'), 100);
  expect(coalescer.dueMs).toBe(1_100);
  for (let nowMs = 600; nowMs <= 2_600; nowMs += 500) coalescer.add(event('a@1:'), nowMs);
  expect(coalescer.dueMs).toBe(3_100);

  coalescer.flush();
  expect(coalescer.dueMs).toBeUndefined();
});

test('what is held is bounded: beyond it a flush is due at once, and nothing is lost', () => {
  const coalescer = new UserCoalescer(periods, { events: 3, bytes: 1_000 });
  for (const text of ['a@1:', 'b@1:', 'a@2:']) coalescer.add(event(text), 0);
  expect(coalescer.dueMs).toBe(1_000);
  coalescer.add(event('c@1:'), 0);
  expect(coalescer.dueMs).toBe(Number.NEGATIVE_INFINITY);
  expect(told(coalescer)).toEqual(['b@1:', 'a@2:', 'c@1:']);

  coalescer.add(event(`a@3:${'x'.repeat(1_000)}`), 0);
  expect(coalescer.dueMs).toBe(Number.NEGATIVE_INFINITY);
});
