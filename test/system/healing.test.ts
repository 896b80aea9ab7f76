import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Agent, lastWords, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { closeNats, Nat } from '../harness/nat.ts';
import { freePort } from '../harness/ports.ts';
import { endAll } from '../harness/processes.ts';

// Members are reaped every 15 s and looked for every 30 s, which no configuration changes.
vi.setConfig({ testTimeout: 300_000 });

let folder: string;
const agents: Agent[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'healing-'));
});
afterEach(async () => {
  agents.length = 0;
  await endAll();
  closeNats();
  await rm(folder, { recursive: true, force: true });
});

/** Forgets a failed member after seconds, as Serf does after a day. */
const shortMemory = { reconnect_timeout: '2s', reconnect_interval: '1s', tombstone_timeout: '2s' };

async function start(
  node: string,
  gossipPort: number,
  settings: Readonly<Record<string, unknown>> = {},
  advertise?: string,
): Promise<Agent> {
  const file = join(folder, `${node}.json`);
  await writeFile(file, JSON.stringify({ profile: 'local', ...shortMemory, ...settings }));
  const flags = [`-config-file=${file}`];
  const agent = await Agent.start(tserf, {
    node,
    gossipPort,
    flags,
    ...(advertise !== undefined && { advertise }),
  });
  agents.push(agent);
  return agent;
}

async function all(those: readonly Agent[], expected: Record<string, string>): Promise<void> {
  try {
    await eventually(
      async () => {
        for (const agent of those) expect(await agent.statuses()).toEqual(expected);
      },
      { withinMs: 180_000, everyMs: 500 },
    );
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${lastWords(agents)}`);
  }
}

test('a member that was gone for longer than it is remembered is found again, without an operator', async () => {
  const [portA, portB] = [await freePort(), await freePort()];
  const a = await start('a', portA);
  const b = await start('b', portB);
  expect(await a.join(b)).toMatchObject({ code: 0 });
  await all([a, b], { a: 'alive', b: 'alive' });

  await b.kill();
  await all([a], { a: 'alive' });
  // It knows nobody, and has nobody to join.
  const again = await start('b', portB);

  await all([a, again], { a: 'alive', b: 'alive' });
});

test('two that live on either side of a partition, and forget each other, are one cluster again after it', async () => {
  const [a, b] = [await behindRelay('a'), await behindRelay('b')];
  expect(await a.agent.join(b.agent)).toMatchObject({ code: 0 });
  const alive = { a: 'alive', b: 'alive' };
  await all([a.agent, b.agent], alive);

  for (const { relay } of [a, b]) relay.isCut = true;
  await all([a.agent], { a: 'alive' });
  await all([b.agent], { b: 'alive' });
  for (const { relay } of [a, b]) relay.isCut = false;

  await all([a.agent, b.agent], alive);
  expect(a.agent.process.stdout + b.agent.process.stdout).toMatch(/serf: found [ab] again at /);
});

/** An agent that others reach by way of a relay alone, which can be cut. */
async function behindRelay(node: string): Promise<{ agent: Agent; relay: Nat }> {
  const [outer, inner] = [await freePort(), await freePort()];
  const relay = await Nat.start(outer, inner);
  return { agent: await start(node, inner, {}, `127.0.0.1:${outer}`), relay };
}

test('a seed that starts anew, and knows nobody, is found by those who know it', async () => {
  const [portA, portSeed] = [await freePort(), await freePort()];
  const seed = await start('seed', portSeed);
  const a = await start('a', portA, { start_join: [`localhost:${portSeed}`] });
  await all([a, seed], { a: 'alive', seed: 'alive' });

  // Gone for good, as far as anybody knows: a left member is tried by nobody.
  expect(await seed.leave()).toBe(0);
  await all([a], { a: 'alive' });
  const again = await start('other', portSeed);

  await all([a, again], { a: 'alive', other: 'alive' });
});

test('after an outage of all, each starts from its snapshot, and all are one cluster again', async () => {
  const names = ['a', 'b', 'c'];
  const ports = await Promise.all(names.map(() => freePort()));
  const startAll = () =>
    Promise.all(
      names.map((node, index) =>
        start(node, ports[index] as number, { snapshot_path: join(folder, `${node}.snapshot`) }),
      ),
    );
  const first = await startAll();
  const alive = { a: 'alive', b: 'alive', c: 'alive' };
  for (const other of first.slice(1)) await other.join(first[0] as Agent);
  await all(first, alive);

  // One after another, so that the last one sees all others fail, and forgets them.
  const [a, b, c] = first as [Agent, Agent, Agent];
  await b.kill();
  await c.kill();
  await all([a], { a: 'alive' });
  await a.kill();
  expect(await readFile(join(folder, 'a.snapshot'), 'utf8')).toMatch(/^# failed: b /m);

  await all(await startAll(), alive);
});
