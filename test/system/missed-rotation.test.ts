import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@tserf/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll } from '../harness/processes.ts';

const oldKey = 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=';
const newKey = 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tserf-rotation-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(endAll);

const keyringOf = (node: string) => join(folder, `${node}.keyring`);

async function start(node: string, gossipPort?: number): Promise<Agent> {
  const settings = join(folder, 'settings.json');
  // The others look for a failed member twice a second instead of twice a minute.
  writeFileSync(settings, JSON.stringify({ reconnect_interval: '500ms', profile: 'local' }));
  return Agent.start(tserf, {
    node,
    ...(gossipPort !== undefined && { gossipPort }),
    flags: [`-config-file=${settings}`, `-keyring-file=${keyringOf(node)}`],
  });
}

test('a node that was down during a change of keys says what is wrong, shows it, and comes back by the words of its log', async () => {
  for (const node of ['a', 'b', 'c']) writeFileSync(keyringOf(node), JSON.stringify([oldKey]));
  const [a, b, c] = [await start('a'), await start('b'), await start('c')];
  for (const agent of [b, c]) expect(await agent.join(a)).toMatchObject({ code: 0 });
  await c.kill();
  await eventually(async () => expect(await a.statuses()).toMatchObject({ c: 'failed' }), {
    withinMs: 60_000,
  });
  await using changing = await Client.connect({ address: b.rpc });
  await changing.installKey(newKey);
  await changing.useKey(newKey);
  await changing.removeKey(oldKey);

  const back = await start('c', Number(c.gossip.split(':')[1]));
  const refused = await back.join(a);
  expect(refused.code).toBe(1);
  expect(refused.stdout + refused.stderr).toContain('no installed key could decrypt the message');
  await back.process.printed(/\[ERR\] serf: no key of this node opens \d+ messages from/, 60_000);
  expect(back.process.stdout).toMatch(
    /its only key sha256:[0-9a-f]{8}\)\. This node understands nobody: .*'tserf keys -install=KEY'/,
  );
  const info = await call(tserf, 'info', `-rpc-addr=${back.rpc}`);
  expect(info.stdout).toMatch(/isolated = true/);
  expect(info.stdout).toMatch(/encryption_failures = [1-9]/);
  expect(await a.statuses()).toEqual({ a: 'alive', b: 'alive', c: 'failed' });

  await using repairing = await Client.connect({ address: back.rpc });
  await repairing.installKey(newKey);
  await repairing.useKey(newKey);
  expect(await back.join(a)).toMatchObject({ code: 0 });
  await eventually(
    async () => {
      for (const agent of [a, b, back])
        expect(await agent.statuses()).toEqual({ a: 'alive', b: 'alive', c: 'alive' });
    },
    { withinMs: 30_000 },
  );
  await changing.removeKey(oldKey);
  expect((await changing.listKeys()).keys).toEqual({ [newKey]: 3 });
  expect((await call(tserf, 'info', `-rpc-addr=${back.rpc}`)).stdout).toMatch(/isolated = false/);
  for (const node of ['a', 'b', 'c'])
    await eventually(
      () => expect(JSON.parse(readFileSync(keyringOf(node), 'utf8'))).toEqual([newKey]),
      {
        withinMs: 10_000,
      },
    );
  // The line is for a person: at most one a minute, however much cannot be opened.
  expect(back.process.stdout.match(/no key of this node opens/g)?.length).toBeLessThanOrEqual(2);
});
