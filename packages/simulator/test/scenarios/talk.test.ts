import { expect, test } from 'vitest';
import { nodeNames, type Result, type Scenario, type Step } from '../../src/index.js';
import { play, seedsFrom } from '../runs.js';

/** The names of the events that each running node delivered, in its own order. */
function heard(result: Result): Map<string, string[]> {
  const byNode = new Map(nodeNames(result.scenario.nodes).map((name) => [name, [] as string[]]));
  for (const { node, name } of result.deliveries) byNode.get(node)?.push(name);
  return byNode;
}

function eventsFrom(nodes: readonly string[], atMs: number): Step[] {
  return nodes.map((node, index) => ({
    atMs: atMs + 10 * index,
    do: 'event',
    node,
    name: `event ${atMs}-${index}`,
  }));
}

test('an event from each of 20 nodes is delivered on each, exactly once, within seconds', () => {
  for (const seed of seedsFrom(1, 3)) {
    const names = nodeNames(20);
    const result = play(
      { name: 'everybody speaks', nodes: 20, steps: eventsFrom(names, 10_000), runMs: 15_000 },
      seed,
    );

    for (const names of heard(result).values()) {
      expect(names).toHaveLength(20);
      expect(new Set(names).size).toBe(20);
    }
    expect(result.agreedAfterMs).toBe(0);
  }
});

test('gossip alone brings every event of a small cluster to all of it', () => {
  // One that is passed over would wait for its next push/pull, up to half a minute.
  for (const nodes of [4, 6, 9, 12]) {
    for (const seed of seedsFrom(1, 5)) {
      const names = nodeNames(nodes);
      const result = play(
        {
          name: 'no push/pull',
          nodes,
          steps: [20_000, 30_000, 40_000].flatMap((atMs) => eventsFrom(names, atMs)),
          swim: { pushPullIntervalMs: 0 },
          runMs: 45_000,
          settleMs: 0,
        },
        seed,
      );

      expect(result.deliveries).toHaveLength(3 * nodes * nodes);
    }
  }
});

test('events on a network that loses and doubles packets reach all, each once', () => {
  for (const seed of seedsFrom(1, 3)) {
    const result = play(
      {
        name: 'everybody speaks, badly heard',
        nodes: 15,
        steps: [
          {
            atMs: 9_000,
            do: 'network',
            network: { loss: 0.3, duplication: 0.3, reordering: 0.3, reorderingDelayMs: 500 },
          },
          ...eventsFrom(nodeNames(15), 10_000),
        ],
        runMs: 20_000,
      },
      seed,
    );

    for (const names of heard(result).values()) expect(new Set(names).size).toBe(15);
    expect(result.deliveries).toHaveLength(15 * 15);
  }
});

test('what each side of a partition sent is delivered on the other after it has healed', () => {
  for (const seed of seedsFrom(1, 3)) {
    const half = nodeNames(10).slice(0, 5);
    const result = play(
      {
        name: 'both halves speak',
        nodes: 10,
        steps: [
          { atMs: 10_000, do: 'partition', groups: [half], forMs: 60_000 },
          ...eventsFrom(['n1', 'n10', 'n2'], 20_000),
          ...eventsFrom(['n9', 'n3'], 50_000),
        ],
        runMs: 71_000,
      },
      seed,
    );

    for (const names of heard(result).values()) {
      expect([...names].sort()).toEqual(
        result.deliveries
          .filter(({ node }) => node === 'n1')
          .map(({ name }) => name)
          .sort(),
      );
      expect(names).toHaveLength(5);
    }
  }
});

test('who starts late is told what it missed', () => {
  const result = play(
    {
      name: 'late',
      nodes: 5,
      steps: [
        ...eventsFrom(['n1', 'n2'], 10_000),
        { atMs: 20_000, do: 'restart', node: 'n5' },
        { atMs: 20_000, do: 'start', node: 'n6' },
      ],
      runMs: 25_000,
    },
    1,
  );

  const late = result.deliveries.filter(
    ({ atMs, node }) => node === 'n6' || (node === 'n5' && atMs > 20_000),
  );
  expect(late.map(({ node, name }) => `${node} ${name}`).sort()).toEqual([
    'n5 event 10000-0',
    'n5 event 10000-1',
    'n6 event 10000-0',
    'n6 event 10000-1',
  ]);
});

const asking = (
  changes: Partial<Extract<Step, { do: 'query' }>>,
  scenario: Partial<Scenario> = {},
): Scenario => ({
  name: 'a query',
  nodes: 12,
  steps: [{ atMs: 10_000, do: 'query', node: 'n3', name: 'who', ...changes }],
  runMs: 25_000,
  ...scenario,
});

test('a query is acked and answered by all who live', () => {
  for (const seed of seedsFrom(1, 3)) {
    const result = play(asking({}), seed);

    const [outcome] = result.queries;
    expect([...(outcome?.acks ?? [])].sort()).toEqual(nodeNames(12).sort());
    expect([...(outcome?.responses ?? [])].sort()).toEqual(nodeNames(12).sort());
    // 200 ms, sixteen times, for ten to 99 members twice that.
    expect(outcome).toMatchObject({ startedMs: 10_000, early: false });
    expect(outcome?.endedMs).toBeCloseTo(16_400, 0);
  }
});

test('a query that may end early ends as soon as the last has answered', () => {
  const result = play(asking({ endEarly: true }), 1);

  const [outcome] = result.queries;
  expect(outcome?.early).toBe(true);
  expect(outcome?.responses).toHaveLength(12);
  expect((outcome?.endedMs ?? 0) - 10_000).toBeLessThan(3_000);
});

test('a query that may end early does not wait for one that is found dead', () => {
  const result = play(
    asking(
      { endEarly: true, timeoutMs: 60_000 },
      {
        steps: [
          { atMs: 9_900, do: 'crash', node: 'n7' },
          { atMs: 10_000, do: 'query', node: 'n3', name: 'who', endEarly: true, timeoutMs: 60_000 },
        ],
        runMs: 50_000,
      },
    ),
    1,
  );

  const [outcome] = result.queries;
  expect(outcome?.responses).toHaveLength(11);
  expect(outcome?.early).toBe(true);
  expect(outcome?.endedMs).toBeLessThan(50_000);
});

test('relays bring home what the straight way loses, and nothing is told twice', () => {
  const share = (relayFactor: number) => {
    let answers = 0;
    for (const seed of seedsFrom(1, 5)) {
      const network = { loss: 0.4 };
      const result = play(asking({ relayFactor }, { network, settleMs: 0 }), seed);
      answers += result.queries[0]?.responses.length ?? 0;
    }
    return answers;
  };

  expect(share(4)).toBeGreaterThan(share(0));
});

/** Gossip may miss a node, as Serf's does: each step is said twice, as an operator does who is told that one is missing. */
const rotation = (node: string, atMs: number): Step[] =>
  [
    { operation: 'install', key: 2 } as const,
    { operation: 'use', key: 2 } as const,
    { operation: 'remove', key: 1 } as const,
    { operation: 'list' } as const,
  ]
    .flatMap((each) => [each, each])
    .map((each, index) => ({ atMs: atMs + 10 * index, do: 'keys', node, ...each }));

test('a rotation of keys reaches all, one step after the other, and nobody fails of it', () => {
  for (const seed of seedsFrom(1, 3)) {
    const result = play(
      {
        name: 'a key rotation',
        nodes: 8,
        encryption: true,
        steps: [...rotation('n2', 10_000), ...eventsFrom(['n5'], 60_000)],
        runMs: 65_000,
      },
      seed,
    );

    expect(result.keys.map(({ report }) => report.numErrors)).toEqual(new Array(8).fill(0));
    const list = result.keys.map(({ report }) => report).find(({ keys }) => keys.size > 0);
    expect([...(list?.keys.values() ?? [])]).toEqual([list?.numResponses]);
    expect(result.events.filter(({ type }) => type === 'member-failed')).toEqual([]);
    expect(result.deliveries).toHaveLength(8);
    expect(result.network.unopened).toBe(0);
  }
});

test('a node that misses a rotation is alone, and is one of the cluster again with the new key', () => {
  const result = play(
    {
      name: 'a missed key rotation',
      nodes: 6,
      encryption: true,
      steps: [
        { atMs: 10_000, do: 'partition', groups: [['n6']], forMs: 25_000 },
        ...rotation('n1', 30_000),
      ],
      runMs: 120_000,
      settleMs: 0,
    },
    1,
  );

  expect(result.network.unopened).toBeGreaterThan(0);
  expect(result.views.get('n1')?.find(({ name }) => name === 'n6')?.status).toBe('failed');
  for (const name of nodeNames(5)) {
    expect(result.views.get('n6')?.find((member) => member.name === name)?.status).toBe('failed');
  }
});
