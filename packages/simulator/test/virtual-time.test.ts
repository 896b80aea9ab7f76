import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualTime } from '../src/virtual-time.js';

function runAll(time: VirtualTime, untilMs = Number.MAX_VALUE): void {
  while (time.step(untilMs));
}

test('actions run by time, and in the order of planning when times are equal', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(8), { maxLength: 60 }), (times) => {
      const time = new VirtualTime();
      const ran: { atMs: number; index: number }[] = [];
      for (const [index, atMs] of times.entries()) time.at(atMs, () => ran.push({ atMs, index }));

      runAll(time);

      const wanted = times
        .map((atMs, index) => ({ atMs, index }))
        .sort((one, other) => one.atMs - other.atMs || one.index - other.index);
      expect(ran).toEqual(wanted);
    }),
  );
});

test('an action planned in the past runs now, after what was planned for now', () => {
  const time = new VirtualTime();
  const ran: string[] = [];
  time.at(10, () => {
    time.at(10, () => ran.push('now'));
    time.at(3, () => ran.push(`past at ${time.nowMs}`));
  });

  runAll(time);

  expect(ran).toEqual(['now', 'past at 10']);
});

test('the clock stops at the limit and what comes later waits', () => {
  const time = new VirtualTime();
  time.at(50, () => undefined);

  expect(time.step(20)).toBe(false);
  expect(time.nowMs).toBe(20);
  expect(time.waiting).toBe(1);
  expect(time.step(50)).toBe(true);
});
