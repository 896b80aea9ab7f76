import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Member, MemberState } from '../../src/swim/member.js';
import { MemberList } from '../../src/swim/member-list.js';
import { address, endpoint, noBytes, seeded, versions } from './engine-under-test.js';

function memberOf(name: string, last: number, state: MemberState = 'alive'): Member {
  return {
    name,
    address: address(last),
    port: 7946,
    endpoint: endpoint(last),
    meta: noBytes,
    incarnation: 1,
    state,
    stateChangeMs: 0,
    versions,
  };
}

const namesAt = (list: MemberList, last: number) =>
  list.at(endpoint(last)).map(({ member }) => member.name);

describe('the list', () => {
  test('finds a member by name and by endpoint', () => {
    const list = new MemberList(seeded(1));
    const entry = list.add(memberOf('a', 2));

    expect(list.get('a')).toBe(entry);
    expect(namesAt(list, 2)).toEqual(['a']);
    expect(namesAt(list, 3)).toEqual([]);
  });

  test('knows all who share an endpoint', () => {
    const list = new MemberList(seeded(1));
    list.add(memberOf('a', 2));
    list.add(memberOf('b', 2));

    expect(namesAt(list, 2)).toEqual(['a', 'b']);
  });

  test('follows a member that moves', () => {
    const list = new MemberList(seeded(1));
    list.update(list.add(memberOf('a', 2)), memberOf('a', 3));

    expect([namesAt(list, 2), namesAt(list, 3)]).toEqual([[], ['a']]);
  });

  test('puts a new member at any place', () => {
    const places = new Set<number>();
    for (let seed = 0; seed < 100; seed += 1) {
      const list = new MemberList(seeded(seed));
      for (const name of 'abcde') list.add(memberOf(name, 2));
      places.add(list.entries.findIndex(({ member }) => member.name === 'e'));
    }

    expect([...places].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test('forgets at a reset those who are over, by name and endpoint too', () => {
    const list = new MemberList(seeded(1));
    list.add(memberOf('a', 2));
    list.add(memberOf('b', 3, 'dead'));

    list.reset(({ state }) => state === 'dead');

    expect(list.length).toBe(1);
    expect(list.get('b')).toBeUndefined();
    expect(namesAt(list, 3)).toEqual([]);
  });
});

test('after any history its counts and indexes fit its entries', () => {
  const states: MemberState[] = ['alive', 'suspect', 'dead', 'left'];
  const step = fc.record({
    name: fc.constantFrom(...'abcdef'),
    last: fc.integer({ min: 2, max: 4 }),
    state: fc.constantFrom(...states),
    reset: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), fc.integer(), (steps, seed) => {
      const list = new MemberList(seeded(seed));
      for (const { name, last, state, reset } of steps) {
        const entry = list.get(name);
        if (entry === undefined) list.add(memberOf(name, last, state));
        else list.update(entry, memberOf(name, last, state));
        if (reset) list.reset((member) => member.state === 'left');
      }

      const members = list.entries.map(({ member }) => member);
      const present = members.filter(({ state }) => state === 'alive' || state === 'suspect');
      expect(list.presentCount).toBe(present.length);
      for (const member of members) {
        expect(list.get(member.name)?.member).toBe(member);
        expect(list.at(member.endpoint).filter((entry) => entry.member === member)).toHaveLength(1);
      }
      const indexed = [2, 3, 4].reduce((sum, last) => sum + namesAt(list, last).length, 0);
      expect(indexed).toBe(members.length);
    }),
  );
});
