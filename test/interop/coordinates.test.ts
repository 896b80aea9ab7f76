import { afterEach, expect, test } from 'vitest';
import { Agent, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();

afterEach(endAll);

test('agents of both kinds learn from each other where they are, and each tells it to both command lines', async () => {
  const flags = ['-profile=local'];
  const ours = await Agent.start(tserf, { node: 'ours', flags });
  const theirs = await Agent.start(serf, { node: 'theirs', flags });
  expect(await ours.join(theirs)).toMatchObject({ code: 0 });

  for (const agent of [ours, theirs]) {
    for (const line of [tserf, serf]) {
      await eventually(
        async () => {
          const { code, stdout } = await call(
            line,
            'rtt',
            `-rpc-addr=${agent.rpc}`,
            'ours',
            'theirs',
          );
          expect(stdout).toMatch(/^Estimated ours <-> theirs rtt: \d+\.\d{3} ms\n$/);
          expect(code).toBe(0);
          // Both are on this machine.
          expect(Number(/rtt: (\S+) ms/.exec(stdout)?.[1])).toBeLessThan(500);
        },
        { withinMs: 60_000 },
      );
    }
  }
});
