import { describe, expect, test } from 'vitest';
import {
  confirmationsWanted,
  pushPullDelayMs,
  retransmitLimit,
  suspicionMinMs,
} from '../../src/swim/scaling.js';

describe('the retransmit limit', () => {
  test.each([
    [3, 0, 0],
    [3, 1, 3],
    [3, 99, 6],
    [4, 2, 4],
    [4, 5, 4],
    [4, 6, 5],
    [4, 9, 8],
    [4, 10, 8],
    [4, 99, 8],
    [4, 100, 12],
    [4, 999, 12],
    [4, 1_000, 16],
    [1, 10, 2],
  ])('with multiplier %i and %i members is %i', (mult, members, limit) => {
    expect(retransmitLimit(mult, members)).toBe(limit);
  });
});

describe('the shortest suspicion', () => {
  test.each([
    [5, 1_000],
    [10, 1_000],
    [50, 1_698],
    [100, 2_000],
    [500, 2_698],
    [1_000, 3_000],
  ])('of %i members takes %i thousandths of multiplier times interval', (members, factor) => {
    expect(suspicionMinMs(1, members, 1_000)).toBe(factor);
  });

  test('is 6.792 s for 50 members on a LAN and 50.94 s on a WAN', () => {
    expect(suspicionMinMs(4, 50, 1_000)).toBe(6_792);
    expect(suspicionMinMs(6, 50, 5_000)).toBe(50_940);
  });
});

describe('the confirmations wanted', () => {
  test.each([
    [4, 3, 0],
    [4, 4, 2],
    [6, 5, 0],
    [6, 6, 4],
    [3, 2, 0],
    [3, 3, 1],
    [5, 4, 0],
    [5, 5, 3],
    [1, 5, 0],
  ])('with multiplier %i among %i members are %i', (mult, members, wanted) => {
    expect(confirmationsWanted(mult, members)).toBe(wanted);
  });
});

describe('the wait between push/pulls', () => {
  test.each([
    [1, 1],
    [32, 1],
    [33, 2],
    [64, 2],
    [65, 3],
    [128, 3],
    [129, 4],
    [256, 4],
  ])('of %i members is %i intervals', (members, times) => {
    expect(pushPullDelayMs(30_000, members)).toBe(30_000 * times);
  });
});
