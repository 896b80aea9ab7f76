import { expect, test } from 'vitest';
import { mergeSettings } from '../../src/config/merge-settings.js';

test.each([
  ['a text replaces', { bind: 'a' }, { bind: 'b' }, { bind: 'b' }],
  ['an empty text does not', { bind: 'a' }, { bind: '' }, { bind: 'a' }],
  ['true replaces', { replay_on_join: false }, { replay_on_join: true }, { replay_on_join: true }],
  [
    'false never undoes true',
    { replay_on_join: true },
    { replay_on_join: false },
    { replay_on_join: true },
  ],
  [
    'a number replaces',
    { retry_max_attempts: 3 },
    { retry_max_attempts: -1 },
    { retry_max_attempts: -1 },
  ],
  ['0 does not', { retry_max_attempts: 3 }, { retry_max_attempts: 0 }, { retry_max_attempts: 3 }],
  ['a protocol replaces', { protocol: 4 }, { protocol: 5 }, { protocol: 5 }],
  ['a protocol below 1 does not', { protocol: 4 }, { protocol: -2 }, { protocol: 4 }],
  ['a duration replaces', { retry_interval: 5 }, { retry_interval: 7 }, { retry_interval: 7 }],
  ['a duration of 0 does not', { retry_interval: 5 }, { retry_interval: 0 }, { retry_interval: 5 }],
  [
    'lists grow and keep doubles',
    { start_join: ['a'] },
    { start_join: ['b', 'a'] },
    { start_join: ['a', 'b', 'a'] },
  ],
  [
    'an empty list empties nothing',
    { start_join: ['a'] },
    { start_join: [] },
    { start_join: ['a'] },
  ],
  [
    'tags are merged by name, empty values count',
    { tags: { a: '1', b: '2' } },
    { tags: { b: '', c: '3' } },
    { tags: { a: '1', b: '', c: '3' } },
  ],
  [
    'parts of mdns follow the same rules',
    { mdns: { interface: 'lo', disable_ipv4: true } },
    { mdns: { interface: '', disable_ipv6: true } },
    { mdns: { interface: 'lo', disable_ipv4: true, disable_ipv6: true } },
  ],
  [
    'what is absent changes nothing',
    { bind: 'a', tags: { a: '1' } },
    {},
    { bind: 'a', tags: { a: '1' } },
  ],
] as const)('%s', (_rule, earlier, later, expected) => {
  const merged = mergeSettings(structuredClone(earlier) as never, structuredClone(later) as never);

  expect(JSON.parse(JSON.stringify(merged))).toEqual(expected);
});

test('merging changes neither side', () => {
  const earlier = { start_join: ['a'], tags: { a: '1' } };
  const later = { start_join: ['b'], tags: { b: '2' } };

  mergeSettings(earlier, later);

  expect([earlier, later]).toEqual([
    { start_join: ['a'], tags: { a: '1' } },
    { start_join: ['b'], tags: { b: '2' } },
  ]);
});
