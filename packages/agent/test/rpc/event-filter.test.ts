import { expect, test } from 'vitest';
import { parseEventFilter } from '../../src/rpc/event-filter.js';

const join = { type: 'member-join', members: [] } as const;
const reap = { type: 'member-reap', members: [] } as const;
const payload = new Uint8Array(0);
const user = (name: string) =>
  ({ type: 'user', name, ltime: 1, payload, coalesce: false }) as const;
const query = (name: string) =>
  ({ type: 'query', name, query: 1, ltime: 1, payload, from: 'a', deadline: 0 }) as const;

test.each([
  ['', 'join reap user:a user:b query:a'],
  ['*', 'join reap user:a user:b query:a'],
  ['member-join', 'join'],
  ['member-join,member-reap', 'join reap'],
  ['user', 'user:a user:b'],
  ['user:', 'user:a user:b'],
  ['user:a', 'user:a'],
  ['query:a,user:b', 'user:b query:a'],
  ['query', 'query:a'],
  ['user:a:b', ''],
])('%j passes %j', (list, passing) => {
  const events = { join, reap, 'user:a': user('a'), 'user:b': user('b'), 'query:a': query('a') };
  const filter = parseEventFilter(list);

  const passed = Object.entries(events).filter(([, event]) => filter?.(event));

  expect(passed.map(([name]) => name).join(' ')).toBe(passing);
});

test.each([
  'bogus',
  'user, query',
  ' user',
  'user,',
  ',',
  'User',
  'member',
  'member-join:x',
  '*:x',
])('%j is invalid as a whole', (list) => {
  expect(parseEventFilter(list)).toBeUndefined();
});
