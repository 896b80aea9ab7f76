import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { Agent, lastWords, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();

afterEach(endAll);

test('ours and theirs find each other by mDNS on the loopback interface, and nobody of another cluster', async () => {
  // Others on this machine may hear it: no cluster of theirs has this name.
  const cluster = `interop-${randomUUID()}`;
  const flags = ['-iface=lo', `-discover=${cluster}`];
  const theirs = await Agent.start(serf, { node: 'theirs', flags });
  const ours = await Agent.start(tserf, { node: 'ours', flags });
  const stranger = await Agent.start(tserf, {
    node: 'stranger',
    flags: ['-iface=lo', `-discover=other-${cluster}`],
  });

  const agents = [theirs, ours];
  try {
    await eventually(
      async () => {
        for (const agent of agents) {
          expect(await agent.statuses(), agent.node).toEqual({ ours: 'alive', theirs: 'alive' });
        }
      },
      { withinMs: 60_000, everyMs: 250 },
    );
  } catch (error) {
    throw new Error(lastWords(agents), { cause: error });
  }
  expect(await stranger.statuses()).toEqual({ stranger: 'alive' });
});
