import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { Agent, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import {
  allSee,
  lastOf,
  ours,
  plainAndEncrypted,
  startJoined,
  statuses,
  tagsOf,
  theirs,
} from '../harness/mixed.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();

describe.each(plainAndEncrypted)('in a $form cluster of three of each', ({ flags: form }) => {
  const flags = ['-profile=local', ...form];
  // Two clusters at once: they mostly wait.
  afterAll(endAll);

  test.concurrent.each([
    { whose: 'ours', by: tserf, victims: serf },
    { whose: 'theirs', by: serf, victims: tserf },
  ])(
    'one that is dead is left, then gone, once $whose says so: also for who joins later and for who comes back',
    async ({ by, victims }) => {
      const agents = await startJoined(3, flags);
      const victim = lastOf(agents, victims);
      const [remover] = by.kind === 'tserf' ? ours(agents) : theirs(agents);
      const cutOff = [ours(agents)[1], theirs(agents)[1]];
      const others = agents.filter((agent) => agent !== victim);
      const here = others.filter((agent) => !cutOff.includes(agent));
      const remove = async (...how: readonly string[]) =>
        expect(
          await call(by, 'force-leave', `-rpc-addr=${remover.rpc}`, ...how, victim.node),
        ).toEqual({ code: 0, stdout: '', stderr: '' });

      await victim.kill();
      await allSee(others, { ...statuses(agents, 'alive'), [victim.node]: 'failed' }, 60_000);
      await remove();
      await allSee(others, { ...statuses(agents, 'alive'), [victim.node]: 'left' }, 60_000);

      // These two do not hear that it is gone for good.
      for (const agent of cutOff) agent.freeze();
      await allSee(
        here,
        {
          ...statuses(agents, 'alive'),
          ...statuses(cutOff, 'failed'),
          [victim.node]: 'left',
        },
        60_000,
      );
      const without = { ...statuses(others, 'alive'), ...statuses(cutOff, 'failed') };
      // Gossip goes to the frozen two as well, and may miss somebody; nothing makes up for that but the next try.
      await eventually(
        async () => {
          await remove('-prune');
          await allSee(here, without, 3_000);
        },
        { withinMs: 60_000 },
      );

      const joined = await Promise.all(
        [tserf, serf].map((line) => {
          const node = `${line.kind}-4`;
          return Agent.start(line, { node, tags: tagsOf(node), flags });
        }),
      );
      for (const agent of joined)
        expect(await agent.join(here[0] as Agent)).toMatchObject({ code: 0 });
      // Who is new is not told of those who failed before.
      await allSee(joined, statuses([...here, ...joined], 'alive'));
      await allSee(here, { ...without, ...statuses(joined, 'alive') });

      for (const agent of cutOff) agent.thaw();
      const now = [...here, ...joined];
      const all = statuses([...others, ...joined], 'alive');
      await allSee(now, all, 60_000);
      await sleep(20_000);
      await allSee(now, all);
    },
  );
});
