import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TimerHost, TimerQueue } from '../../src/engine/timer-queue.js';

/** An event loop in slow motion: the test decides when its timer fires, and what its sockets bring. */
class FakeLoop implements TimerHost {
  now = 0;
  packets = 0;
  armed: { atMs: number; run: () => void } | undefined;
  readonly turns: (() => void)[] = [];

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, run: () => void): () => void {
    const armed = { atMs: this.now + delayMs, run };
    this.armed = armed;
    return () => {
      if (this.armed === armed) this.armed = undefined;
    };
  }

  nextTurn(run: () => void): void {
    this.turns.push(run);
  }

  packetsSeen(): number {
    return this.packets;
  }

  /** Lets the armed timer fire, `lateMs` after its time. */
  fire(lateMs = 0): void {
    const armed = this.armed;
    if (armed === undefined) throw new Error('no timer is armed');
    this.armed = undefined;
    this.now = Math.max(this.now, armed.atMs) + lateMs;
    armed.run();
  }

  turn(packets = 0): void {
    this.packets += packets;
    this.turns.shift()?.();
  }
}

test('timers run in the order of their times, equal ones in the order of their setting', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1 }), (times) => {
      const loop = new FakeLoop();
      const queue = new TimerQueue(loop);
      const ran: number[] = [];
      times.forEach((atMs, index) => {
        queue.at(atMs, () => ran.push(index));
      });

      while (queue.size > 0) loop.fire();

      const expected = times.map((atMs, index) => ({ atMs, index }));
      expected.sort((a, b) => a.atMs - b.atMs || a.index - b.index);
      expect(ran).toEqual(expected.map(({ index }) => index));
    }),
  );
});

test('no timer runs before its time, and the loop is armed for the earliest', () => {
  const loop = new FakeLoop();
  const queue = new TimerQueue(loop);
  const ran: string[] = [];

  queue.at(100, () => ran.push('late'));
  queue.at(50, () => ran.push('early'));

  expect(loop.armed?.atMs).toBe(50);
  loop.fire();
  expect(ran).toEqual(['early']);
  expect(loop.armed?.atMs).toBe(100);
});

test('after a stall, waiting packets go before the timers that fell due', () => {
  const loop = new FakeLoop();
  const queue = new TimerQueue(loop);
  const seen: string[] = [];
  queue.at(500, () => seen.push('timeout'));

  loop.fire(2_000);
  expect(seen).toEqual([]);
  seen.push('ack');
  loop.turn();

  expect(seen).toEqual(['ack', 'timeout']);
});

test('timers wait as long as each turn brings packets: one turn reads only so many', () => {
  const loop = new FakeLoop();
  const queue = new TimerQueue(loop);
  let ran = 0;
  queue.at(500, () => {
    ran += 1;
  });

  loop.fire(2_000);
  for (let turn = 0; turn < 10; turn += 1) loop.turn(32);
  expect(ran).toBe(0);
  loop.turn(0);

  expect(ran).toBe(1);
});

test('a flood holds the timers up for a bounded number of turns', () => {
  const loop = new FakeLoop();
  const queue = new TimerQueue(loop);
  let ran = 0;
  queue.at(500, () => {
    ran += 1;
  });

  loop.fire(2_000);
  let turns = 0;
  while (ran === 0 && turns < 1_000) {
    loop.turn(32);
    turns += 1;
  }

  expect(turns).toBe(64);
});

test('a timer that is on time waits for nothing', () => {
  const loop = new FakeLoop();
  const queue = new TimerQueue(loop);
  let ran = 0;
  queue.at(500, () => {
    ran += 1;
  });

  loop.fire(2);

  expect(ran).toBe(1);
  expect(loop.turns).toHaveLength(0);
});

test('a timer set for now by a timer runs in a later round', () => {
  const loop = new FakeLoop();
  const queue = new TimerQueue(loop);
  const ran: string[] = [];
  queue.at(1, () => {
    ran.push('first');
    queue.at(1, () => ran.push('second'));
  });

  loop.fire();
  expect(ran).toEqual(['first']);
  loop.fire();

  expect(ran).toEqual(['first', 'second']);
});

test('a stopped queue runs nothing, also not what already waits for packets', () => {
  const loop = new FakeLoop();
  const queue = new TimerQueue(loop);
  let ran = 0;
  const count = () => {
    ran += 1;
  };
  queue.at(1, count);
  queue.at(2, count);

  loop.fire(1_000);
  queue.stop();
  loop.turn();
  queue.at(3, count);

  expect(ran).toBe(0);
  expect(loop.armed).toBeUndefined();
});
