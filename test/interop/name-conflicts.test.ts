import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, lastWords, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import {
  allSee,
  ours,
  plainAndEncrypted,
  startJoined,
  statuses,
  theirs,
} from '../harness/mixed.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();

/** Where an agent sees a member, and in which status. */
async function seen(by: Agent, node: string): Promise<string | undefined> {
  const member = (await by.members()).find(({ name }) => name === node);
  return member && `${member.addr} ${member.status}`;
}

describe.each(plainAndEncrypted)('in a $form cluster of two of each', ({ flags }) => {
  let agents: Agent[];
  beforeAll(async () => {
    agents = await startJoined(2, flags);
  }, 120_000);
  afterAll(endAll);

  test.each([
    { rival: 'one of ours', line: tserf, name: 'serf-1' },
    { rival: 'one of theirs', line: serf, name: 'tserf-1' },
    { rival: 'one of ours against ours', line: tserf, name: 'tserf-2' },
  ])(
    '$rival with a name that is taken quits, and the cluster stays as it was',
    async ({ line, name }) => {
      const holder = agents.find(({ node }) => node === name) as Agent;
      const seed = agents.find(({ node }) => node !== name) as Agent;

      const rival = await Agent.start(line, { node: name, flags });
      await rival.join(seed);
      const code = await Promise.race([
        rival.process.exited,
        new Promise((resolve) => setTimeout(() => resolve('still runs'), 30_000)),
      ]);

      expect(code, lastWords([rival])).toBe(0);
      expect(rival.process.stdout).toContain('minority in name conflict resolution');
      expect(rival.process.stdout).toContain('agent: Serf shutdown detected, quitting');
      await allSee(agents, statuses(agents, 'alive'));
      for (const agent of agents) {
        expect(agent.process.alive).toBe(true);
        expect(await seen(agent, name)).toBe(`${holder.gossip} alive`);
      }
    },
  );

  test('one of ours that was killed and is back at once elsewhere keeps its name, though the others hold the old address', async () => {
    const [lost] = ours(agents);
    const [seed] = theirs(agents);
    // Ready before the kill: the others are to hold the old one as alive, and not as suspect, when it joins.
    const again = await Agent.start(tserf, { node: lost.node, flags });
    await lost.kill();
    await again.join(seed);
    await again.process.printed(/keeps its name/, 30_000);

    const others = agents.filter((agent) => agent !== lost);
    await eventually(
      async () => {
        expect(again.process.alive, lastWords([again])).toBe(true);
        for (const agent of others) {
          expect(await seen(agent, lost.node), agent.node).toBe(`${again.gossip} alive`);
        }
      },
      { withinMs: 150_000, everyMs: 1_000 },
    );
  });
});
