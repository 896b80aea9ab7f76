import { afterEach, describe, expect, test } from 'vitest';
import { type Agent, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { ours, plainAndEncrypted, startJoined, tagsOf, theirs } from '../harness/mixed.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();

afterEach(endAll);

describe.each(plainAndEncrypted)(
  'in a $form cluster of three of ours and three of theirs',
  ({ flags }) => {
    test('changed tags reach all, every node reaches every other, and each knows how far away they are', async () => {
      const agents = await startJoined(3, flags);
      const ask = (agent: Agent, line: typeof serf, command: string, ...args: readonly string[]) =>
        call(line, command, `-rpc-addr=${agent.rpc}`, ...args);
      const changes = [
        { agent: ours(agents)[0], line: serf },
        { agent: theirs(agents)[0], line: tserf },
      ];

      for (const { agent, line } of changes) {
        const done = await ask(agent, line, 'tags', '-set', 'new=ü|<&>', '-delete', 'role');
        expect(done).toMatchObject({ code: 0 });
      }
      const changed = changes.map(({ agent }) => agent.node);
      await eventually(
        async () => {
          for (const agent of agents) {
            for (const { name, tags } of await agent.members()) {
              const { role, ...rest } = tagsOf(name);
              expect(tags, `${name} by ${agent.node}`).toEqual(
                changed.includes(name) ? { ...rest, new: 'ü|<&>' } : { ...rest, role },
              );
            }
          }
        },
        { withinMs: 75_000, everyMs: 500 },
      );

      for (const { agent, line } of changes) {
        // Gossip misses a node now and then, under Serf alone as well.
        await eventually(
          async () => {
            const { code, stdout } = await ask(agent, line, 'reachability');
            expect(stdout).toMatch(/^Total members: 6, live members: 6\n/);
            expect(stdout).toMatch(/\nSuccessfully contacted all live nodes\n$/);
            expect(code).toBe(0);
          },
          { withinMs: 60_000 },
        );
        for (const [one, other] of [
          ['tserf-2', 'serf-2'],
          ['serf-2', 'serf-3'],
          ['tserf-2', 'tserf-3'],
        ]) {
          // It is learned from a ping, of which each node sends one in a second.
          await eventually(
            async () => {
              const { code, stdout } = await ask(agent, line, 'rtt', `${one}`, `${other}`);
              expect(stdout).toMatch(
                new RegExp(`^Estimated ${one} <-> ${other} rtt: \\d+\\.\\d{3} ms\\n$`),
              );
              expect(code).toBe(0);
            },
            { withinMs: 60_000 },
          );
        }
      }
    });
  },
);
