import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll, run } from '../harness/processes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-disk-'));
});
afterEach(async () => {
  await endAll();
  await rm(folder, { recursive: true, force: true });
});

const keys = [
  'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=',
  'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=',
] as const;

/** Lets no file grow that this agent writes, as a full disk would, or takes that back. */
async function fill(agent: Agent, isFull: boolean): Promise<void> {
  const limit = `--fsize=${isFull ? 0 : 'unlimited'}:unlimited`;
  expect(await run('prlimit', [limit, `--pid=${agent.process.pid}`])).toMatchObject({ code: 0 });
}

test('an agent whose disk is full goes on, says so, and has everything in its files once there is room', async () => {
  const [snapshot, keyring] = [join(folder, 'snapshot'), join(folder, 'keyring')];
  const start = () =>
    Agent.start(tserf, {
      node: 'full',
      flags: [`-snapshot=${snapshot}`, `-keyring-file=${keyring}`],
    });
  await writeFile(keyring, JSON.stringify([keys[0]]));
  const peer = await Agent.start(tserf, { node: 'peer', flags: [`-encrypt=${keys[0]}`] });
  const full = await start();
  await eventually(
    async () => expect(await readFile(snapshot, 'utf8')).toBe(`alive: full ${full.gossip}\n`),
    { withinMs: 20_000 },
  );

  await fill(full, true);
  expect(await peer.join(full)).toMatchObject({ code: 0 });
  await full.process.printed(/serf: Failed to update snapshot: file too large; it is tried again/);
  const refused = await call(tserf, 'keys', '-install', keys[1], `-rpc-addr=${peer.rpc}`);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain('Failed to write keyring file');
  // Neither is half written, and the node is a member like any other.
  expect(await readFile(snapshot, 'utf8')).toBe(`alive: full ${full.gossip}\n`);
  expect(JSON.parse(await readFile(keyring, 'utf8'))).toEqual([keys[0]]);
  for (const agent of [full, peer]) {
    expect(await agent.statuses()).toEqual({ full: 'alive', peer: 'alive' });
  }
  await fill(full, false);

  await full.process.printed(/serf: Snapshot is written again/, 60_000);
  await full.process.printed(/serf: keyring file written/, 60_000);
  expect(JSON.parse(await readFile(keyring, 'utf8'))).toEqual(keys);
  await full.kill();
  const again = await start();
  await again.process.printed(/serf: Re-joined to previously known node: peer/);
});
