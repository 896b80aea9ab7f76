import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyError, type KeyReport, type QueryOptions, type QueryUpdate } from '@tserf/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Agent, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { hex, Listening } from '../harness/listening.ts';
import {
  allSee,
  lastOf,
  ours,
  plainAndEncrypted,
  startJoined,
  statuses,
  theirs,
} from '../harness/mixed.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();
const keys = [
  'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=',
  'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=',
  '5K9OtfP7efFrNKe5WCQvXvnaXJ5cWP0SvXiwe0kkjM4=',
] as const;

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ client }) => client.close()));
});

async function listenToAll(agents: readonly Agent[]): Promise<Listening[]> {
  const all = await Promise.all(agents.map((agent) => Listening.to(agent)));
  open.push(...all);
  return all;
}

/**
 * Gossip sends each message a few times to members of its choice, and misses one member in some hundred messages. An
 * event then comes with a push/pull, of which each node begins one every 30 s.
 */
const madeUpForMs = 75_000;

/** Every byte there is, and an end that is no text. */
const binary = Uint8Array.from({ length: 300 }, (_, index) => (index * 7) % 256);

describe.each(plainAndEncrypted)(
  'in a $form cluster of three of ours and three of theirs',
  ({ flags }) => {
    let agents: Agent[];
    beforeAll(async () => {
      agents = await startJoined(3, flags);
    }, 120_000);
    afterAll(endAll);

    test('every event of each reaches all, each exactly once, byte for byte', async () => {
      const all = await listenToAll(agents);
      const expected: string[] = [];

      for (const { agent, client } of all) {
        for (const coalesce of [false, true]) {
          const name = `${agent.node}-${coalesce ? 'coalesced' : 'alone'}`;
          await client.event(name, binary, { coalesce });
          expected.push(`${name} ${hex(binary)}`);
        }
        await client.event(`${agent.node}-empty`);
        expected.push(`${agent.node}-empty `);
      }

      await eventually(
        () => {
          for (const { agent, events } of all)
            expect([...events].sort(), agent.node).toEqual([...expected].sort());
        },
        { withinMs: madeUpForMs },
      );
      await sleep(3_000);
      for (const { agent, events } of all) expect(events, agent.node).toHaveLength(expected.length);
    });

    test('every query of each is heard, acked and answered once by all that it is for', async () => {
      const all = await listenToAll(agents);
      const nodes = all.map(({ agent }) => agent.node).sort();
      const firstTwo = nodes.filter((node) => /-[12]$/.test(node));
      for (const each of all) each.answer = ({ payload }) => `${each.agent.node}:${hex(payload)}`;

      for (const { agent, client } of all) {
        /** Asks until the gossip missed nobody: a query, unlike an event, is not made up for by push/pulls. */
        const answeredBy = async (wanted: readonly string[], options: QueryOptions) => {
          const isAcked = options.requestAck !== false;
          const expected = {
            acks: isAcked ? wanted : [],
            answers: wanted.map((node) => `${node}:${hex(binary)}`),
          };
          let attempt = 0;
          await eventually(
            async () => {
              attempt += 1;
              const query = await client.query(`${agent.node} ${attempt}`, binary, {
                requestAck: true,
                timeoutMs: 2_500,
                ...options,
              });
              const { acks, answers } = await summary(query);
              for (const list of [acks, answers]) expect(new Set(list).size).toBe(list.length);
              expect(wanted).toEqual(expect.arrayContaining(acks));
              expect({ acks, answers }, agent.node).toEqual(expected);
            },
            { withinMs: 8_000, everyMs: 10 },
          );
        };
        await answeredBy(nodes, {});
        await answeredBy(firstTwo, { relayFactor: 3, filterTags: { node: '^t?serf-[12]$' } });
        await answeredBy(['serf-3', 'tserf-3'], {
          filterNodes: ['tserf-3', 'serf-3'],
          requestAck: false,
        });
      }
    });

    test('an answer of ours of 100 kB is shown whole by `serf query`, of either kind of agent', async () => {
      const [mine] = await listenToAll([ours(agents)[1]]);
      const large = Array.from(
        { length: 20_000 },
        (_, index) => `${10_000 + (index % 90_000)}`,
      ).join('');
      (mine as Listening).answer = () => large;

      for (const asker of [theirs(agents)[0], ours(agents)[0]]) {
        const { code, stdout } = await call(
          serf,
          'query',
          `-rpc-addr=${asker.rpc}`,
          '-format=json',
          '-no-ack',
          '-timeout=3s',
          'dump',
        );
        expect(code, stdout).toBe(0);
        expect(JSON.parse(stdout).Responses).toEqual({
          [ours(agents)[1].node]: large,
        });
      }
    });
  },
);

async function summary(query: AsyncIterable<QueryUpdate>) {
  const acks: string[] = [];
  const answers: string[] = [];
  for await (const update of query) {
    if (update.type === 'ack') acks.push(update.from);
    else answers.push(Buffer.from(update.payload ?? []).toString());
  }
  return { acks: acks.sort(), answers: answers.sort() };
}

afterAll(endAll);

test('a change of keys that either kind begins is carried out by all, and kept in their files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tserf-interop-keys-'));
  const file = (node: string) => join(folder, node);
  const agents: Agent[] = [];
  for (const index of [1, 2, 3]) {
    for (const line of [tserf, serf]) {
      const node = `${line.kind}-${index}`;
      writeFileSync(file(node), JSON.stringify([keys[0]]), { mode: 0o600 });
      agents.push(await Agent.start(line, { node, flags: [`-keyring-file=${file(node)}`] }));
    }
  }
  const [first, ...rest] = agents as [Agent, ...Agent[]];
  for (const agent of rest) expect(await agent.join(first)).toMatchObject({ code: 0 });
  await allSee(agents, statuses(agents, 'alive'));
  const all = await listenToAll(agents);

  for (const [initiator, oldKey, newKey] of [
    [lastOf(agents, serf), keys[0], keys[1]],
    [lastOf(agents, tserf), keys[1], keys[2]],
  ] as const) {
    const { client } = all.find(({ agent }) => agent === initiator) as Listening;
    /** Key changes are queries: gossip may miss a node, and whoever changes keys asks again. */
    const byAll = (ask: () => Promise<KeyReport>) =>
      eventually(
        async () => {
          const report = await ask();
          expect(report).toMatchObject({ numNodes: 6, numResponses: 6, numErrors: 0 });
          return report.keys;
        },
        { withinMs: 30_000 },
      );
    await byAll(() => client.installKey(newKey));
    expect(await byAll(() => client.listKeys())).toEqual({ [oldKey]: 6, [newKey]: 6 });
    const refused = await client.removeKey(oldKey).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(KeyError);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/^[56]\/6 nodes reported fail/),
    });
    await byAll(() => client.useKey(newKey));
    await byAll(() => client.removeKey(oldKey));

    for (const { client: each } of all)
      expect(await byAll(() => each.listKeys())).toEqual({ [newKey]: 6 });
    await eventually(
      () => {
        for (const { node } of agents)
          expect(JSON.parse(readFileSync(file(node), 'utf8')), node).toEqual([newKey]);
      },
      { withinMs: 10_000 },
    );
    await client.event('changed', newKey);
    await eventually(
      () => {
        for (const { agent, events } of all)
          expect(events, agent.node).toContain(`changed ${hex(Buffer.from(newKey))}`);
      },
      { withinMs: madeUpForMs },
    );
  }
  await allSee(agents, statuses(agents, 'alive'));
  rmSync(folder, { recursive: true });
});
