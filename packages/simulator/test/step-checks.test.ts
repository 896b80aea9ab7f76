import {
  type Member,
  profiles,
  type SerfInput,
  type SerfOutput,
  serfDefaults,
} from '@tserf/core/pure';
import { expect, test } from 'vitest';
import { type Checked, StepChecks } from '../src/step-checks.js';
import { VirtualTime } from '../src/virtual-time.js';

const versions = {
  protocolMin: 1,
  protocolMax: 5,
  protocolCurrent: 2,
  delegateMin: 2,
  delegateMax: 5,
  delegateCurrent: 5,
};

const options = {
  ...serfDefaults,
  swim: {
    ...profiles.lan,
    name: 'n1',
    address: Uint8Array.of(10, 0, 0, 1),
    port: 7946,
    versions,
    packetBudgetBytes: 1_400,
    packetOverheadBytes: 0,
    deadNodeReclaimMs: 0,
    disableStreamProbes: false,
    broadcastQueueLimit: 100,
    memberLimit: 1_000,
    allowedNetworks: [],
  },
};

/** A host whose node holds what the test says, and a way to let it take an input. */
function stage() {
  const entries = new Map<string, Member>();
  const outstandingTimers = new Map<string, number>();
  const stats = { intent_queue: '0', event_queue: '0', query_queue: '0' };
  const host = {
    name: 'n1',
    life: 1,
    endpoint: { host: '10.0.0.1', port: 7946 },
    options,
    outstandingTimers,
    node: {
      membership: {
        member: (name: string) => entries.get(name),
        get memberCount() {
          return entries.size;
        },
        queuedBroadcasts: 0,
      },
      memberCount: 1,
      stats: () => stats,
    },
  };
  const checks = new StepChecks(new VirtualTime());
  const broken = (
    input: SerfInput,
    outputs: readonly SerfOutput[] = [],
    checked: Checked = host,
  ) => {
    checks.afterStep(checked, input, outputs);
    return checks.violations.map(({ rule }) => rule);
  };
  return { entries, host, outstandingTimers, stats, checks, broken };
}

function entry(name: string, incarnation: number, state: Member['state']): Member {
  return {
    name,
    address: Uint8Array.of(10, 0, 0, 2),
    port: 7946,
    endpoint: { host: '10.0.0.2', port: 7946 },
    meta: new Uint8Array(0),
    incarnation,
    state,
    stateChangeMs: 0,
    versions,
  };
}

const aboutN2: SerfInput = {
  type: 'message',
  message: { type: 'suspect', incarnation: 1, node: 'n2', from: 'n3' },
  from: { host: '10.0.0.3', port: 7946 },
  via: 'packet',
};

const probeTick: SerfInput = {
  type: 'timer',
  timer: { type: 'swim', timer: { type: 'probeTick' } },
};

test('an incarnation that falls is seen', () => {
  const { entries, broken } = stage();
  entries.set('n2', entry('n2', 5, 'alive'));
  expect(broken(aboutN2)).toEqual([]);

  entries.set('n2', entry('n2', 4, 'alive'));

  expect(broken(aboutN2)).toEqual(['incarnation-fell']);
});

test('a dead member may come back at a higher incarnation only', () => {
  const { entries, broken } = stage();
  entries.set('n2', entry('n2', 5, 'dead'));
  broken(aboutN2);
  entries.set('n2', entry('n2', 6, 'alive'));
  expect(broken(aboutN2)).toEqual([]);
  entries.set('n2', entry('n2', 6, 'left'));
  broken(aboutN2);

  entries.set('n2', entry('n2', 6, 'alive'));

  expect(broken(aboutN2)).toEqual(['resurrected']);
});

test('a reaped entry may come back at any incarnation, and so may one of a new life', () => {
  const { entries, host, broken } = stage();
  entries.set('n2', entry('n2', 5, 'dead'));
  broken(aboutN2);
  entries.delete('n2');
  broken(probeTick);

  entries.set('n2', entry('n2', 1, 'alive'));
  expect(broken(aboutN2)).toEqual([]);
  entries.set('n2', entry('n2', 0, 'alive'));
  expect(broken(aboutN2, [], { ...host, life: 2 })).toEqual([]);
});

test('queues over their limits are seen when timers come', () => {
  const { host, stats, broken } = stage();
  host.node.membership.queuedBroadcasts = 101;
  expect(broken(probeTick)).toEqual(['queue-over-limit']);

  host.node.membership.queuedBroadcasts = 100;
  stats.event_queue = '4097';

  expect(broken({ type: 'timer', timer: { type: 'queueCheckTick' } })).toHaveLength(2);
});

test('timers that nothing explains are seen when one more is asked for', () => {
  const { outstandingTimers, broken } = stage();
  const schedule: SerfOutput = { type: 'schedule', timer: { type: 'reapTick' }, atMs: 5 };
  outstandingTimers.set('reapTick', 1);
  outstandingTimers.set('swim.relayNack', 1);
  expect(broken(probeTick, [schedule])).toEqual([]);

  outstandingTimers.set('swim.relayNack', 2);

  expect(broken(probeTick, [schedule])).toEqual(['timers-leak']);
});

test('a timer without a time, and a packet to oneself, are seen', () => {
  const { host, broken } = stage();
  const never: SerfOutput = { type: 'schedule', timer: { type: 'reapTick' }, atMs: Number.NaN };
  expect(broken(probeTick, [never])).toEqual(['bad-timer']);

  const packet: SerfOutput = {
    type: 'packet',
    to: { ...host.endpoint },
    parts: [],
    checksum: true,
    probe: undefined,
  };

  expect(broken(probeTick, [packet])).toEqual(['bad-timer', 'sent-to-itself']);
});

test('a packet may pass its budget by the checksum alone', () => {
  const { host, checks } = stage();
  checks.packet(host, 1_405, 3);
  expect(checks.violations).toEqual([]);

  checks.packet(host, 1_406, 3);

  expect(checks.violations.map(({ rule }) => rule)).toEqual(['packet-over-budget']);
});

test('a node that throws has broken a rule, and the story names the input', () => {
  const { host, checks } = stage();

  const outputs = checks.guard(host, aboutN2, () => {
    throw new Error('no such list');
  });

  expect(outputs).toBeUndefined();
  expect(checks.violations[0]).toMatchObject({ rule: 'threw', node: 'n1' });
  expect(checks.violations[0]?.detail).toContain('suspect from 10.0.0.3:7946: Error: no such list');
});
