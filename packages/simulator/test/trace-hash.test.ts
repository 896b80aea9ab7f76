import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TraceHash } from '../src/trace-hash.js';

function digestOf(texts: readonly string[]): string {
  const hash = new TraceHash();
  for (const text of texts) hash.text(text);
  return hash.digest();
}

test('different histories have different fingerprints, also when only the cuts between their parts differ', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { maxLength: 6 }),
      fc.array(fc.string(), { maxLength: 6 }),
      (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(digestOf(one) === digestOf(other)).toBe(same);
      },
    ),
  );
});

test('the smallest difference of a time shows', () => {
  const one = new TraceHash();
  const other = new TraceHash();
  one.float(1);
  other.float(1 + Number.EPSILON);

  expect(one.digest()).not.toBe(other.digest());
});
