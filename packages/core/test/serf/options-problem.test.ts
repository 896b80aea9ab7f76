import { expect, test } from 'vitest';
import { serfDefaults } from '../../src/serf/options.js';
import { serfOptionsProblem } from '../../src/serf/options-problem.js';

const tags = { role: 'web' };

test.each([2, 3, 4, 5])('protocol version %d can be spoken', (protocol) => {
  expect(serfOptionsProblem({ ...serfDefaults, protocol, tags })).toBeUndefined();
});

test('a protocol version out of range is refused in words that name the range', () => {
  expect(serfOptionsProblem({ ...serfDefaults, protocol: 1, tags })).toBe(
    "Protocol version '1' too low. Must be in range: [2, 5]",
  );
  expect(serfOptionsProblem({ ...serfDefaults, protocol: 6, tags })).toBe(
    "Protocol version '6' too high. Must be in range: [2, 5]",
  );
});

test('tags may take exactly 512 bytes of metadata and not one more', () => {
  // 0xff, map of one, "k" (2 bytes), and a text of over 255 bytes with its three bytes of length.
  const overhead = 1 + 1 + 2 + 3;
  const tagsOf = (bytes: number) => ({ k: 'x'.repeat(bytes - overhead) });

  expect(serfOptionsProblem({ ...serfDefaults, protocol: 5, tags: tagsOf(512) })).toBeUndefined();
  expect(serfOptionsProblem({ ...serfDefaults, protocol: 5, tags: tagsOf(513) })).toBe(
    'Encoded length of tags exceeds limit of 512 bytes',
  );
});

test('below protocol version 3 only the role counts, for only the role travels', () => {
  const long = { role: 'web', note: 'x'.repeat(600) };

  expect(serfOptionsProblem({ ...serfDefaults, protocol: 2, tags: long })).toBeUndefined();
});

test('a limit for user events above what any member takes is refused', () => {
  const problem = (userEventSizeLimit: number) =>
    serfOptionsProblem({ ...serfDefaults, userEventSizeLimit });

  expect(problem(9_216)).toBeUndefined();
  expect(problem(9_217)).toBe('user event size limit exceeds limit of 9216 bytes');
});

test('what would make answers impossible is refused', () => {
  expect(serfOptionsProblem({ ...serfDefaults, queryResponseStreamLimit: 2 ** 24 + 1 })).toBe(
    'query response stream limit exceeds limit of 16777216 bytes',
  );
  expect(serfOptionsProblem({ ...serfDefaults, queryTimeoutMult: 0 })).toContain('above 0');
});
