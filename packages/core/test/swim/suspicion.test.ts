import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Suspicion, suspicionTimeoutMs } from '../../src/swim/suspicion.js';

const bounds = { minMs: 2_000, maxMs: 30_000, confirmationsWanted: 3 };

describe('the time that is left to a suspect', () => {
  test.each([
    [0, 0, 30_000],
    [1, 2_000, 14_000],
    [2, 3_000, 4_810],
    [3, 4_000, -2_000],
  ])('with %i confirmations after %i ms is %i ms', (confirmations, elapsedMs, leftMs) => {
    expect(suspicionTimeoutMs(bounds, confirmations) - elapsedMs).toBe(leftMs);
  });

  test('is the minimum where no confirmations are wanted', () => {
    expect(suspicionTimeoutMs({ ...bounds, confirmationsWanted: 0 }, 0)).toBe(2_000);
  });

  test('never grows with more confirmations', () => {
    fc.assert(
      fc.property(fc.nat(50), (seen) => {
        const more = suspicionTimeoutMs(bounds, seen + 1);
        expect(more).toBeLessThanOrEqual(suspicionTimeoutMs(bounds, seen));
      }),
    );
  });
});

describe('a suspicion', () => {
  test('counts each accuser once and the first not at all', () => {
    const suspicion = new Suspicion(1, bounds, 'first', 0);

    expect(suspicion.confirm('first')).toBe(false);
    expect(suspicion.confirm('second')).toBe(true);
    expect(suspicion.confirm('second')).toBe(false);
    expect(suspicion.confirmations).toBe(1);
  });

  test('takes no more confirmations than it wants', () => {
    const suspicion = new Suspicion(1, bounds, 'first', 0);
    for (const accuser of 'abc') expect(suspicion.confirm(accuser)).toBe(true);

    expect(suspicion.confirm('d')).toBe(false);
    expect(suspicion.confirmations).toBe(3);
  });

  test('makes its earlier timers void whenever it is due at another time', () => {
    const suspicion = new Suspicion(1, bounds, 'first', 0);
    expect([suspicion.arming, suspicion.dueMs]).toEqual([1, 30_000]);

    suspicion.confirm('second');
    expect([suspicion.arming, suspicion.dueMs]).toEqual([2, 16_000]);

    suspicion.prolong(500);
    expect([suspicion.arming, suspicion.dueMs]).toEqual([3, 16_500]);
  });
});
