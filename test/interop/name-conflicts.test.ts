import { afterEach, expect, test } from 'vitest';
import { Agent, type CommandLine, lastWords, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { ours, startJoined, theirs } from '../harness/mixed.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();
afterEach(endAll);

/** Where an agent sees a member, and in which status. */
async function seen(by: Agent, node: string): Promise<string | undefined> {
  const member = (await by.members()).find(({ name }) => name === node);
  return member && `${member.addr} ${member.status}`;
}

test.each([
  { newcomer: tserf, holder: 'serf-1' },
  { newcomer: serf, holder: 'tserf-1' },
  { newcomer: tserf, holder: 'tserf-2' },
])(
  'a newcomer by the name of $holder gives way, and the cluster stays as it was',
  async ({ newcomer, holder }) => {
    const agents = await startJoined(2, []);
    const held = agents.find(({ node }) => node === holder) as Agent;
    const seed = agents.find(({ node }) => node !== holder) as Agent;

    const rival = await Agent.start(newcomer as CommandLine, {
      node: holder,
      flags: [`-join=${seed.gossip}`],
    });
    const code = await Promise.race([
      rival.process.exited,
      new Promise((resolve) => setTimeout(() => resolve('still runs'), 30_000)),
    ]);

    expect(code, lastWords([rival])).toBe(0);
    expect(rival.process.stdout + rival.process.stderr).toMatch(
      /minority in name conflict resolution/,
    );
    for (const agent of agents) {
      expect(agent.process.alive).toBe(true);
      expect(await seen(agent, holder)).toBe(`${held.gossip} alive`);
    }
  },
);

test('one of ours that was killed and is back at once elsewhere keeps its name, though the others hold the old address', async () => {
  const agents = await startJoined(2, []);
  const [lost] = ours(agents);
  const [seed] = theirs(agents);
  await lost.kill();

  const again = await Agent.start(tserf, { node: lost.node, flags: [`-join=${seed.gossip}`] });
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
