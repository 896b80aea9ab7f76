import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SerfMember } from '../../src/serf/member.js';
import type { SerfOutput } from '../../src/serf/output.js';
import type { SerfMessage } from '../../src/wire/serf-messages.js';
import { MembersUnderTest, participant } from './members-under-test.js';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

const name = fc.constantFrom('self', 'a', 'b');
const ltime = fc.nat(30);

type Step = (under: MembersUnderTest, nowMs: number) => void;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(name, fc.constantFrom('web', 'db')).map(
    ([node, role]): Step =>
      (under, nowMs) => {
        under.members.joined(participant(node, { tags: { role } }), nowMs);
      },
  ),
  fc.tuple(name, fc.constantFrom('dead', 'left')).map(
    ([node, state]): Step =>
      (under, nowMs) => {
        under.members.departed(participant(node, { state }), nowMs);
      },
  ),
  fc.tuple(name, fc.nat(9)).map(
    ([node, port]): Step =>
      (under) => {
        under.members.updated(participant(node, { port }));
      },
  ),
  fc.tuple(name, ltime).map(
    ([node, time]): Step =>
      (under, nowMs) => {
        under.members.applyJoin({ node, ltime: time }, nowMs);
      },
  ),
  fc.tuple(name, ltime, fc.boolean()).map(
    ([node, time, prune]): Step =>
      (under, nowMs) => {
        under.members.applyLeave({ node, ltime: time, prune }, nowMs);
      },
  ),
  fc.tuple(name, fc.nat(5)).map(
    ([node, arming]): Step =>
      (under, nowMs) => {
        under.members.pruneDue(node, arming, nowMs);
      },
  ),
  fc.constant<Step>((under, nowMs) => under.members.reap(nowMs)),
);

const steps = fc.array(fc.tuple(step, fc.nat(150_000)), { maxLength: 60 });

/** Does the steps one by one, with the outputs of each. */
function walk(
  path: readonly (readonly [Step, number])[],
  check: (under: MembersUnderTest, outputs: readonly SerfOutput[]) => void,
): void {
  const under = new MembersUnderTest();
  let nowMs = 0;
  for (const [each, waitMs] of path) {
    nowMs += waitMs;
    each(under, nowMs);
    check(under, under.take());
  }
}

test('whoever follows the changes has the same list as the node, at every step', () => {
  fc.assert(
    fc.property(steps, (path) => {
      const followed = new Map<string, SerfMember>();
      walk(path, (under, outputs) => {
        for (const output of outputs) {
          if (output.type === 'memberChanged') followed.set(output.member.name, output.member);
          if (output.type === 'memberForgotten') followed.delete(output.name);
        }
        expect([...followed.values()]).toEqual(under.members.all());
      });
    }),
  );
});

test('a member is on the list of its status and on no other, at every step', () => {
  fc.assert(
    fc.property(steps, (path) => {
      walk(path, ({ members }) => {
        const having = (status: string) => members.all().filter((each) => each.status === status);
        expect(new Set(members.failed())).toEqual(new Set(having('failed')));
        expect(new Set(members.left())).toEqual(new Set(having('left')));
      });
    }),
  );
});

test('the status time of a member never goes back while it is one', () => {
  fc.assert(
    fc.property(steps, (path) => {
      let before = new Map<string, number>();
      walk(path, ({ members }, outputs) => {
        const forgotten = outputs
          .filter((output) => output.type === 'memberForgotten')
          .map((output) => output.name);
        const times = members.statusLTimes();
        for (const [node, time] of times) {
          if (!forgotten.includes(node)) expect(time).toBeGreaterThanOrEqual(before.get(node) ?? 0);
        }
        before = times;
      });
    }),
  );
});

test('each event shows a status that fits it, and nobody fails, leaves or is reaped unknown', () => {
  const fitting: Record<string, readonly string[]> = {
    'member-join': ['alive', 'leaving'],
    'member-leave': ['left'],
    'member-failed': ['failed'],
    'member-update': ['alive', 'leaving', 'left', 'failed'],
    'member-reap': ['leaving', 'left', 'failed'],
  };
  fc.assert(
    fc.property(steps, (path) => {
      const known = new Set<string>();
      walk(path, (_, outputs) => {
        for (const output of outputs) {
          if (output.type !== 'event' || !('members' in output.event)) continue;
          const { type, members } = output.event;
          expect(members).toHaveLength(1);
          for (const member of members) {
            expect(fitting[type]).toContain(member.status);
            if (type === 'member-join') known.add(member.name);
            else expect(known).toContain(member.name);
            if (type === 'member-reap') known.delete(member.name);
          }
        }
      });
    }),
  );
});

test('the own member is never forgotten, once it is there', () => {
  fc.assert(
    fc.property(steps, (path) => {
      let isThere = false;
      walk(path, ({ members }) => {
        isThere ||= members.get('self') !== undefined;
        expect(members.get('self') !== undefined).toBe(isThere);
      });
    }),
  );
});

test('arbitrary bytes in a message or a push/pull never make a node throw (weakness 6)', () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(fc.nat(10), fc.uint8Array({ maxLength: 60 }))
      .map(([type, rest]) => Uint8Array.of(type, ...rest)),
  );
  fc.assert(
    fc.property(fc.array(body, { maxLength: 10 }), (bodies) => {
      const under = new Network().start('alpha');
      const clocks = new Clocks(under);
      for (const each of bodies) {
        under.hearBytes(each);
        under.feed({
          type: 'pushPullRequest',
          exchange: 1,
          state: { join: false, nodes: [], userState: each },
          from: under.endpoint,
        });
        clocks.check();
      }
      expect(under.statuses()).toEqual(['alpha alive']);
    }),
  );
});

test('whatever well-formed messages say, clocks go forward only and the node stays alive', () => {
  const time = fc.oneof(fc.nat(2_000), fc.maxSafeNat());
  const message: fc.Arbitrary<SerfMessage> = fc.oneof(
    fc.record({ type: fc.constant('join' as const), ltime: time, node: name }),
    fc.record({
      type: fc.constant('leave' as const),
      ltime: time,
      node: name,
      prune: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('userEvent' as const),
      ltime: time,
      name: fc.constantFrom('x', 'y'),
      payload: fc.constant(undefined),
      coalesce: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
      const under = new Network().start('self');
      const clocks = new Clocks(under);
      for (const each of messages) {
        under.hear(each);
        clocks.check();
      }
      expect(under.node.local.status).toBe('alive');
      expect(under.node.memberCount).toBe(1);
    }),
  );
});

test('the same inputs give the same outputs, one by one', () => {
  const run = () => {
    const network = new Network();
    const nodes = network.cluster('alpha', 'beta', 'gamma');
    nodes[1]?.feed({ type: 'setTags', request: 1, tags: { role: 'web' } });
    network.runFor(2_000);
    nodes[2]?.feed({ type: 'leave', request: 1 });
    network.runFor(20_000);
    return nodes.map((node) => node.outputs);
  };

  expect(run()).toEqual(run());
});

/** The three clocks of a node, watched. */
class Clocks {
  readonly #under: NodeUnderTest;
  #last: readonly number[];

  constructor(under: NodeUnderTest) {
    this.#under = under;
    this.#last = this.#read();
  }

  check(): void {
    const now = this.#read();
    now.forEach((time, index) => {
      expect(Number.isSafeInteger(time)).toBe(true);
      expect(time).toBeGreaterThanOrEqual(this.#last[index] ?? 0);
    });
    this.#last = now;
  }

  #read(): readonly number[] {
    const stats = this.#under.node.stats();
    return ['member_time', 'event_time', 'query_time'].map((key) => Number(stats[key]));
  }
}
