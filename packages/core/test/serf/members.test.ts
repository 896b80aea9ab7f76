import { describe, expect, test } from 'vitest';
import type { MemberStatus } from '../../src/serf/member.js';
import { MembersUnderTest, participant } from './members-under-test.js';

type Status = MemberStatus | 'unknown';
type Cell = readonly [from: Status, to: Status, told: readonly string[]];

const nothing: readonly string[] = [];

/** The table of spec/03 §7.2, one row each: from which status to which, and what is told. */
describe('membership reports that a member joined', () => {
  const row: Cell[] = [
    ['unknown', 'alive', ['x is alive', 'member-join x']],
    ['alive', 'alive', ['member-join x']],
    ['leaving', 'alive', ['x is alive', 'member-join x']],
    ['left', 'alive', ['x is alive', 'member-join x']],
    ['failed', 'alive', ['x is alive', 'member-join x']],
  ];
  test.each(row)('%s becomes %s', (from, to, told) => {
    const under = MembersUnderTest.with(from);

    under.members.joined(participant('x'), 1_000);

    expect(under.status).toBe(to);
    expect(under.takeTold()).toEqual(told);
    expect(under.members.statusLTime('x')).toBe(from === 'unknown' ? 0 : 12);
    expect([under.members.failedCount, under.members.leftCount]).toEqual([0, 0]);
    expect(under.members.flaps).toBe(from === 'failed' ? 1 : 0);
  });
});

describe('membership reports that a member is dead', () => {
  const row: Cell[] = [
    ['unknown', 'unknown', nothing],
    ['alive', 'failed', ['x is failed', 'member-failed x']],
    ['leaving', 'left', ['x is left', 'member-leave x']],
    ['left', 'left', nothing],
    ['failed', 'failed', nothing],
  ];
  test.each(row)('%s becomes %s', (from, to, told) => {
    const under = MembersUnderTest.with(from);

    under.members.departed(participant('x', { state: 'dead' }), 1_000);

    expect(under.status).toBe(to);
    expect(under.takeTold()).toEqual(told);
    expect(under.members.failedCount).toBe(to === 'failed' ? 1 : 0);
    expect(under.members.leftCount).toBe(to === 'left' ? 1 : 0);
  });
});

describe('membership reports that a member left on purpose', () => {
  const row: Cell[] = [
    ['unknown', 'unknown', nothing],
    ['alive', 'left', ['x is left', 'member-leave x']],
    ['leaving', 'left', ['x is left', 'member-leave x']],
    ['left', 'left', nothing],
    ['failed', 'failed', nothing],
  ];
  test.each(row)('%s becomes %s, without the noise of a failure (weakness 3)', (from, to, told) => {
    const under = MembersUnderTest.with(from);

    under.members.departed(participant('x', { state: 'left' }), 1_000);

    expect(under.status).toBe(to);
    expect(under.takeTold()).toEqual(told);
  });
});

describe('membership reports new metadata', () => {
  const row: Cell[] = [
    ['unknown', 'unknown', nothing],
    ['alive', 'alive', ['x is alive', 'member-update x']],
    ['leaving', 'leaving', ['x is leaving', 'member-update x']],
    ['left', 'left', ['x is left', 'member-update x']],
    ['failed', 'failed', ['x is failed', 'member-update x']],
  ];
  test.each(row)('%s stays %s', (from, to, told) => {
    const under = MembersUnderTest.with(from);

    under.members.updated(participant('x', { tags: { role: 'web' }, port: 8_000 }));

    expect(under.status).toBe(to);
    expect(under.takeTold()).toEqual(told);
    if (from === 'unknown') return;
    expect(under.members.get('x')).toMatchObject({ tags: { role: 'web' }, port: 8_000 });
  });
});

describe('a newer leave intent', () => {
  const row: Cell[] = [
    ['unknown', 'unknown', nothing],
    ['alive', 'leaving', ['x is leaving']],
    ['leaving', 'leaving', nothing],
    ['left', 'left', nothing],
    ['failed', 'left', ['x is left', 'member-leave x']],
  ];
  test.each(row)('is passed on and makes %s %s', (from, to, told) => {
    const under = MembersUnderTest.with(from);

    const isNews = under.members.applyLeave({ node: 'x', ltime: 14, prune: false }, 1_000);

    expect(isNews).toBe(true);
    expect(under.status).toBe(to);
    expect(under.takeTold()).toEqual(told);
    expect(under.members.statusLTime('x')).toBe(from === 'unknown' ? undefined : 14);
  });
});

describe('a newer join intent', () => {
  const row: Cell[] = [
    ['unknown', 'unknown', nothing],
    ['alive', 'alive', nothing],
    ['leaving', 'alive', ['x is alive']],
    ['left', 'left', nothing],
    ['failed', 'failed', nothing],
  ];
  test.each(row)('is passed on and makes %s %s', (from, to, told) => {
    const under = MembersUnderTest.with(from);

    const isNews = under.members.applyJoin({ node: 'x', ltime: 14 }, 1_000);

    expect(isNews).toBe(true);
    expect(under.status).toBe(to);
    expect(under.takeTold()).toEqual(told);
    expect(under.members.statusLTime('x')).toBe(from === 'unknown' ? undefined : 14);
  });
});

describe.each(['alive', 'leaving', 'left', 'failed'] as const)(
  'an intent that is not newer',
  (from) => {
    test.each([10, 12])(`changes nothing for a member that is ${from}, at time %d`, (ltime) => {
      const under = MembersUnderTest.with(from);

      expect(under.members.applyLeave({ node: 'x', ltime, prune: true }, 1_000)).toBe(false);
      expect(under.members.applyJoin({ node: 'x', ltime }, 1_000)).toBe(false);

      expect(under.status).toBe(from);
      expect(under.take()).toEqual([]);
      expect(under.members.statusLTime('x')).toBe(12);
    });
  },
);

describe('reaping', () => {
  const row: (readonly [from: Status, timeoutMs: number])[] = [
    ['failed', 100_000],
    ['left', 200_000],
  ];
  test.each(row)('forgets a %s member after %d ms, not yet at them', (from, timeoutMs) => {
    const under = MembersUnderTest.with(from);

    under.members.reap(timeoutMs);
    expect(under.take()).toEqual([]);
    under.members.reap(timeoutMs + 1);

    expect(under.takeTold()).toEqual(['x is forgotten', 'member-reap x']);
    expect(under.members.size).toBe(0);
  });

  test.each(['alive', 'leaving'] as const)('leaves a member that is %s alone', (from) => {
    const under = MembersUnderTest.with(from);

    under.members.reap(10 ** 9);

    expect(under.status).toBe(from);
  });

  test('takes of failed members that are gone for 0, 5 and 10 s only the one above 6 s', () => {
    const under = new MembersUnderTest({ reconnectTimeoutMs: 6_000 });
    for (const [name, atMs] of [
      ['a', 10_000],
      ['b', 5_000],
      ['c', 0],
    ] as const) {
      under.members.joined(participant(name), atMs);
      under.members.departed(participant(name, { state: 'dead' }), atMs);
    }

    under.members.reap(10_000);

    expect(under.members.failed().map((member) => member.name)).toEqual(['a', 'b']);
  });

  test('counts a failed member that was forced to leave from its failure', () => {
    const under = MembersUnderTest.with('failed');
    under.members.applyLeave({ node: 'x', ltime: 14, prune: false }, 150_000);

    under.members.reap(200_000);
    expect(under.status).toBe('left');
    under.members.reap(200_001);

    expect(under.status).toBe('unknown');
  });

  test('never forgets this node itself', () => {
    const under = new MembersUnderTest();
    under.members.joined(participant('self'), 0);
    under.members.departed(participant('self', { state: 'left' }), 0);

    under.members.reap(10 ** 9);

    expect(under.members.get('self')?.status).toBe('left');
  });
});

describe('a list that is full', () => {
  function fullOf(...names: readonly string[]) {
    const under = new MembersUnderTest({ memberLimit: names.length });
    for (const name of names) under.members.joined(participant(name), 0);
    under.take();
    return under;
  }

  test('has room for a newcomer: who left longest ago is forgotten, before any that failed', () => {
    const under = fullOf('self', 'failed', 'first', 'second');
    under.members.departed(participant('failed', { state: 'dead' }), 1);
    under.members.departed(participant('first', { state: 'left' }), 2);
    under.members.departed(participant('second', { state: 'left' }), 3);
    under.take();

    under.members.joined(participant('new'), 4);
    under.members.joined(participant('newer'), 5);
    under.members.joined(participant('newest'), 6);

    expect(under.takeTold()).toEqual([
      ...['first is forgotten', 'member-reap first', 'new is alive', 'member-join new'],
      ...['second is forgotten', 'member-reap second', 'newer is alive', 'member-join newer'],
      ...['failed is forgotten', 'member-reap failed', 'newest is alive', 'member-join newest'],
    ]);
    expect(under.members.size).toBe(4);
  });

  test('forgets nobody who is there, nor for one who comes back', () => {
    const under = fullOf('self', 'x', 'y');

    under.members.departed(participant('x', { state: 'dead' }), 1);
    under.members.joined(participant('x'), 2);
    under.members.joined(participant('z'), 3);

    expect(under.members.all().map(({ name }) => name)).toEqual(['self', 'x', 'y', 'z']);
  });
});

describe('intents that come before their member', () => {
  test('are passed on once each', () => {
    const { members } = new MembersUnderTest();

    expect(members.applyLeave({ node: 'x', ltime: 10, prune: false }, 0)).toBe(true);
    expect(members.applyLeave({ node: 'x', ltime: 10, prune: false }, 0)).toBe(false);
  });

  test('decide its first status: a leave after a join makes it leaving', () => {
    const under = new MembersUnderTest();
    under.members.applyJoin({ node: 'x', ltime: 5 }, 0);
    under.members.applyLeave({ node: 'x', ltime: 6, prune: false }, 0);

    under.members.joined(participant('x'), 0);

    expect(under.takeTold()).toEqual(['x is leaving', 'member-join x']);
    expect(under.members.statusLTime('x')).toBe(6);
  });

  test('decide its first status: a join after a leave makes it alive', () => {
    const under = new MembersUnderTest();
    under.members.applyLeave({ node: 'x', ltime: 5, prune: false }, 0);
    under.members.applyJoin({ node: 'x', ltime: 6 }, 0);

    under.members.joined(participant('x'), 0);

    expect(under.status).toBe('alive');
    expect(under.members.statusLTime('x')).toBe(6);
  });

  test('are forgotten after their timeout', () => {
    const under = new MembersUnderTest();
    under.members.applyLeave({ node: 'x', ltime: 5, prune: false }, 0);

    under.members.reap(300_001);
    under.members.joined(participant('x'), 300_001);

    expect(under.status).toBe('alive');
    expect(under.members.statusLTime('x')).toBe(0);
  });

  test.each(['', 'bell\u0007', 'x'.repeat(513)])(
    'are dropped when no member can have the name %j',
    (node) => {
      const { members } = new MembersUnderTest();

      expect(members.applyLeave({ node, ltime: 1, prune: false }, 0)).toBe(false);
      expect(members.applyJoin({ node, ltime: 1 }, 0)).toBe(false);
    },
  );

  test('find room for so many names, and the rest is counted', () => {
    const { members } = new MembersUnderTest({ recentIntentLimit: 2 });
    for (const node of ['a', 'b', 'c', 'd']) members.applyJoin({ node, ltime: 1 }, 0);

    expect(members.intentsRefused).toBe(2);
  });
});

describe('a prune', () => {
  const prune = { node: 'x', ltime: 14, prune: true };

  test('erases a left member at once', () => {
    const under = MembersUnderTest.with('left');

    expect(under.members.applyLeave(prune, 1_000)).toBe(true);

    expect(under.takeTold()).toEqual(['x is forgotten', 'member-reap x']);
  });

  test('erases a failed member at once, after its leave', () => {
    const under = MembersUnderTest.with('failed');

    expect(under.members.applyLeave(prune, 1_000)).toBe(true);

    expect(under.takeTold()).toEqual([
      'x is left',
      'member-leave x',
      'x is forgotten',
      'member-reap x',
    ]);
    expect([under.members.size, under.members.failedCount, under.members.leftCount]).toEqual([
      0, 0, 0,
    ]);
  });

  test.each(['alive', 'leaving'] as const)(
    'waits for the departure of a member that is %s',
    (from) => {
      const under = MembersUnderTest.with(from);

      under.members.applyLeave(prune, 1_000);
      expect(under.takeTold()).toContain('prune at 7000');
      under.members.departed(participant('x', { state: 'left' }), 2_000);
      expect(under.takeTold()).toEqual(['x is left', 'member-leave x']);
      under.members.pruneDue('x', 1, 7_000);

      expect(under.takeTold()).toEqual(['x is forgotten', 'member-reap x']);
    },
  );

  test('waits on while a member is still leaving: the membership layer holds it alive', () => {
    const under = MembersUnderTest.with('leaving');
    under.members.applyLeave(prune, 1_000);
    under.take();

    under.members.pruneDue('x', 1, 7_000);

    expect(under.takeTold()).toEqual(['prune at 13000']);
    under.members.departed(participant('x', { state: 'dead' }), 8_000);
    under.members.pruneDue('x', 2, 13_000);
    expect(under.takeTold()).toEqual([
      'x is left',
      'member-leave x',
      'x is forgotten',
      'member-reap x',
    ]);
  });

  test('spares a member that refuted meanwhile (weakness 4)', () => {
    const under = MembersUnderTest.with('alive');
    under.members.applyLeave(prune, 1_000);
    under.members.applyJoin({ node: 'x', ltime: 15 }, 2_000);
    under.take();

    under.members.pruneDue('x', 1, 7_000);

    expect(under.status).toBe('alive');
    expect(under.take()).toEqual([]);
  });

  test('spares a member that came back and left again since: its timer is late', () => {
    const under = MembersUnderTest.with('alive');
    under.members.applyLeave(prune, 1_000);
    under.members.departed(participant('x', { state: 'left' }), 1_500);
    under.members.joined(participant('x'), 2_000);
    under.members.applyLeave({ node: 'x', ltime: 20, prune: false }, 3_000);
    under.members.departed(participant('x', { state: 'left' }), 3_500);

    under.members.pruneDue('x', 1, 7_000);

    expect(under.status).toBe('left');
  });

  test('spares another member of the same name', () => {
    const under = MembersUnderTest.with('alive');
    under.members.applyLeave(prune, 1_000);
    under.members.departed(participant('x', { state: 'left' }), 1_500);
    under.members.applyLeave({ ...prune, ltime: 16 }, 2_000);
    under.members.joined(participant('x'), 3_000);

    under.members.pruneDue('x', 1, 7_000);

    expect(under.status).not.toBe('unknown');
  });

  test('never erases this node itself', () => {
    const under = new MembersUnderTest();
    under.members.joined(participant('self'), 0);
    under.members.applyLeave({ node: 'self', ltime: 1, prune: true }, 0);

    under.members.departed(participant('self', { state: 'left' }), 1_000);

    under.members.pruneDue('self', 1, 6_000);

    expect(under.members.get('self')?.status).toBe('left');
  });
});

test('a graceful leave is told once, when the member is gone', () => {
  const under = MembersUnderTest.with('alive');

  under.members.applyLeave({ node: 'x', ltime: 14, prune: false }, 0);
  expect(under.takeTold()).toEqual(['x is leaving']);
  under.members.departed(participant('x', { state: 'left' }), 0);

  expect(under.takeTold()).toEqual(['x is left', 'member-leave x']);
});

test('a death before the leave intent is told as a failure, and then as a leave', () => {
  const under = MembersUnderTest.with('alive');

  under.members.departed(participant('x', { state: 'dead' }), 0);
  expect(under.takeTold()).toEqual(['x is failed', 'member-failed x']);
  under.members.applyLeave({ node: 'x', ltime: 14, prune: false }, 0);

  expect(under.takeTold()).toEqual(['x is left', 'member-leave x']);
});

test('a failed member that comes back late is no flap', () => {
  const under = MembersUnderTest.with('failed');

  under.members.joined(participant('x'), 60_000);

  expect(under.members.flaps).toBe(0);
});

test('every event has its line for the log, with the address of the member', () => {
  const under = new MembersUnderTest();

  under.members.joined(participant('x'), 0);

  expect(under.take().filter((output) => output.type === 'report')).toEqual([
    { type: 'report', code: 'memberEvent', event: 'member-join', node: 'x', host: '10.0.0.1' },
  ]);
});

test('an update that looks the same is an event, but no change', () => {
  const under = MembersUnderTest.with('alive');

  under.members.updated(participant('x'));

  expect(under.takeTold()).toEqual(['member-update x']);
});

test('only others count when it is asked whether anybody listens', () => {
  const under = MembersUnderTest.with('leaving');
  under.members.joined(participant('self'), 0);

  expect(under.members.hasOther('alive')).toBe(false);
  expect(under.members.hasOther('alive', 'leaving')).toBe(true);
});
