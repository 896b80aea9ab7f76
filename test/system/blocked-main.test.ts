import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { Agent, tserf } from '../harness/agents.ts';
import { endAll, Running } from '../harness/processes.ts';

afterEach(endAll);

test('a main thread that is blocked for 15 s makes nobody suspect the node', async () => {
  const seed = await Agent.start(tserf, { node: 'seed', flags: ['-log-level=debug'] });
  const third = await Agent.start(tserf, {
    node: 'third',
    flags: ['-log-level=debug', `-join=${seed.gossip}`],
  });
  const busy = new Running(process.execPath, [
    fileURLToPath(new URL('./fixtures/blocked-main.mjs', import.meta.url)),
    seed.gossip,
    '15000',
  ]);
  await busy.printed(/joined/);

  await busy.printed(/free again/, 40_000);

  for (const agent of [seed, third]) {
    expect(agent.process.stdout).toMatch(/EventMemberJoin: busy/);
    expect(agent.process.stdout).not.toMatch(/[Ss]uspect.*busy|EventMemberFailed: busy/);
  }
});
