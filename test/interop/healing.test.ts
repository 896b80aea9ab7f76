import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Agent, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/ports.ts';
import { endAll } from '../harness/processes.ts';

// Members are reaped every 15 s and looked for every 30 s, which no configuration changes.
vi.setConfig({ testTimeout: 300_000 });
const patience = { withinMs: 200_000, everyMs: 500 };

afterEach(endAll);

test('one of theirs that was gone for longer than it is remembered is found again by ours', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'healing-'));
  const config = join(folder, 'agent.json');
  await writeFile(config, '{"reconnect_timeout":"2s","reconnect_interval":"1s","profile":"local"}');
  const gossipPort = await freePort();
  const start = () => Agent.start(serfUnderTest(), { node: 'theirs', gossipPort });
  const theirs = await start();
  const ours = await Agent.start(tserf, { node: 'ours', flags: [`-config-file=${config}`] });
  expect(await ours.join(theirs)).toMatchObject({ code: 0 });

  await theirs.kill();
  await eventually(async () => expect(await ours.statuses()).toEqual({ ours: 'alive' }), patience);
  // It knows nobody, and Serf has nothing that would look for ours.
  const again = await start();

  await eventually(async () => {
    for (const agent of [ours, again]) {
      expect(await agent.statuses()).toEqual({ ours: 'alive', theirs: 'alive' });
    }
  }, patience);
  expect(ours.process.stdout).toMatch(/serf: found theirs again at 127\.0\.0\.1:\d+/);
  await rm(folder, { recursive: true, force: true });
});
