import type { MemberEventType, SerfMember } from '@tserf/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemberCoalescer } from '../../src/events/member-coalescer.js';

const periods = { quietMs: 1_000, periodMs: 3_000 };

function member(name: string, tags: Record<string, string> = {}): SerfMember {
  return {
    name,
    address: new Uint8Array([127, 0, 0, 1]),
    port: 7946,
    endpoint: { host: '127.0.0.1', port: 7946 },
    tags,
    status: 'alive',
    versions: {
      protocolMin: 1,
      protocolMax: 5,
      protocolCurrent: 2,
      delegateMin: 2,
      delegateMax: 5,
      delegateCurrent: 5,
    },
  };
}

/** Feeds `kind:name` pairs, all at once, and gives what a flush tells in the same words. */
function tell(coalescer: MemberCoalescer, ...changes: string[]): string[] {
  for (const change of changes) {
    const [kind = '', name = ''] = change.split(':');
    coalescer.add({ type: `member-${kind}` as MemberEventType, members: [member(name)] }, 0);
  }
  return coalescer
    .flush()
    .map(({ type, members }) => `${type.slice(7)}:${members.map(({ name }) => name).join(',')}`);
}

describe('when a flush is due', () => {
  test('a second after the last event', () => {
    const coalescer = new MemberCoalescer(periods);
    expect(coalescer.dueMs).toBeUndefined();

    coalescer.add({ type: 'member-join', members: [member('a')] }, 100);
    expect(coalescer.dueMs).toBe(1_100);

    coalescer.add({ type: 'member-join', members: [member('b')] }, 900);
    expect(coalescer.dueMs).toBe(1_900);

    coalescer.flush();
    expect(coalescer.dueMs).toBeUndefined();
  });

  test('never later than three seconds after the first, however many follow', () => {
    const coalescer = new MemberCoalescer(periods);

    for (let ms = 0; ms < 3_000; ms += 500) {
      coalescer.add({ type: 'member-join', members: [member(`m${ms}`)] }, ms);
      expect(coalescer.dueMs).toBeLessThanOrEqual(3_000);
    }
  });
});

describe('what a flush tells', () => {
  test('one event for each kind, with all its members', () => {
    const coalescer = new MemberCoalescer(periods);

    expect(tell(coalescer, 'join:a', 'failed:b', 'join:c')).toEqual(['join:a,c', 'failed:b']);
  });

  test('nothing of a member that failed and came back', () => {
    const coalescer = new MemberCoalescer(periods);
    tell(coalescer, 'join:a');

    expect(tell(coalescer, 'failed:a', 'join:a')).toEqual([]);
  });

  test('the last of several changes', () => {
    const coalescer = new MemberCoalescer(periods);

    expect(tell(coalescer, 'join:a', 'failed:a')).toEqual(['failed:a']);
    expect(tell(coalescer, 'join:a')).toEqual(['join:a']);
  });

  test('every update, and each only once (weakness 13)', () => {
    const coalescer = new MemberCoalescer(periods);
    tell(coalescer, 'join:a', 'join:b');

    expect(tell(coalescer, 'update:a')).toEqual(['update:a']);
    expect(tell(coalescer, 'update:a')).toEqual(['update:a']);
    expect(tell(coalescer, 'failed:b')).toEqual(['failed:b']);
  });

  test('a join and its update as a join with the newest tags (weakness 14)', () => {
    const coalescer = new MemberCoalescer(periods);
    coalescer.add({ type: 'member-join', members: [member('a', { v: '1' })] }, 0);
    coalescer.add({ type: 'member-update', members: [member('a', { v: '2' })] }, 10);

    expect(coalescer.flush()).toEqual([
      { type: 'member-join', members: [member('a', { v: '2' })] },
    ]);
  });

  test.each([
    ['comes back with other tags', ['join']],
    ['comes back and changes its tags', ['join', 'update']],
  ] as const)('an update of one that fails and %s', (_, kinds) => {
    const coalescer = new MemberCoalescer(periods);
    tell(coalescer, 'join:a');
    const changed = member('a', { v: '2' });

    coalescer.add({ type: 'member-failed', members: [member('a')] }, 0);
    for (const kind of kinds) {
      coalescer.add({ type: `member-${kind}`, members: [changed] }, 0);
    }

    expect(coalescer.flush()).toEqual([{ type: 'member-update', members: [changed] }]);
  });

  test('an update of one that leaves and comes back at another address', () => {
    const coalescer = new MemberCoalescer(periods);
    tell(coalescer, 'join:a');
    const moved = { ...member('a'), port: 7947, endpoint: { host: '127.0.0.1', port: 7947 } };

    coalescer.add({ type: 'member-leave', members: [member('a')] }, 0);
    coalescer.add({ type: 'member-join', members: [moved] }, 0);

    expect(coalescer.flush()).toEqual([{ type: 'member-update', members: [moved] }]);
  });

  test('a second life like the first: a reaped member is forgotten', () => {
    const coalescer = new MemberCoalescer(periods);
    tell(coalescer, 'reap:a');

    expect(tell(coalescer, 'reap:a')).toEqual(['reap:a']);
  });

  test('no member twice in one flush', () => {
    const kinds = fc.constantFrom('join', 'leave', 'failed', 'update', 'reap');
    const changes = fc.array(
      fc.tuple(kinds, fc.constantFrom('a', 'b', 'c')).map((pair) => pair.join(':')),
    );
    fc.assert(
      fc.property(fc.array(changes), (rounds) => {
        const coalescer = new MemberCoalescer(periods);
        for (const round of rounds) {
          const names = tell(coalescer, ...round).flatMap(
            (text) => text.split(':')[1]?.split(',') ?? [],
          );
          expect(new Set(names).size).toBe(names.length);
        }
      }),
    );
  });
});
