import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Agent, lastWords, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/ports.ts';
import { endAll } from '../harness/processes.ts';

// Members are reaped every 15 s and looked for every 30 s, which no configuration changes.
vi.setConfig({ testTimeout: 300_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'moved-half-'));
});
afterEach(async () => {
  await endAll();
  await rm(folder, { recursive: true, force: true });
});

/** What one half of the cluster hears of the world: where names lead, and which addresses are out of reach. */
interface Network {
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly unreachable: readonly string[];
}

const preload = new URL('./fixtures/stub-network.mjs', import.meta.url).href;
const pathOf = (half: string) => join(folder, `${half}.network.json`);

/** Agents read it with each packet: it is replaced whole. */
async function tell(half: string, network: Network): Promise<void> {
  const next = `${pathOf(half)}.next`;
  await writeFile(next, JSON.stringify(network));
  await rename(next, pathOf(half));
}

async function start(node: string, host: string, port: number, seeds: readonly string[]) {
  const half = node.charAt(0);
  const config = join(folder, `${node}.json`);
  await writeFile(
    config,
    JSON.stringify({
      profile: 'local',
      // Forgets a failed member after seconds, as Serf does after a day.
      reconnect_timeout: '2s',
      reconnect_interval: '1s',
      retry_join: seeds.map((name) => `${name}:${port}`),
      retry_interval: '1s',
    }),
  );
  return Agent.start(tserf, {
    node,
    host,
    gossipPort: port,
    flags: [`-config-file=${config}`],
    environment: { NODE_OPTIONS: `--import=${preload}`, STUB_NETWORK: pathOf(half) },
  });
}

async function all(agents: readonly Agent[], wanted: Record<string, string>, withinMs: number) {
  try {
    await eventually(
      async () => {
        for (const agent of agents) {
          const seen = (await agent.members()).map(({ name, addr, status }) => [
            name,
            `${addr.split(':')[0]} ${status}`,
          ]);
          expect(Object.fromEntries(seen), agent.node).toEqual(wanted);
        }
      },
      { withinMs, everyMs: 500 },
    );
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${lastWords(agents)}`);
  }
}

test('after a partition in which one half moved to other addresses, the other finds it by its name, looked up again', async () => {
  const a = ['127.62.0.1', '127.62.0.2'] as const;
  const b = ['127.62.0.11', '127.62.0.12'] as const;
  const moved = ['127.62.0.21', '127.62.0.22'] as const;
  const port = await freePort();
  const names = { 'a.test': a, 'b.test': b };
  const whole: Network = { names, unreachable: [] };
  for (const half of ['a', 'b']) await tell(half, whole);
  const both = ['a.test', 'b.test'];
  const [a1, a2, b1, b2] = await Promise.all([
    start('a1', a[0], port, both),
    start('a2', a[1], port, both),
    start('b1', b[0], port, both),
    start('b2', b[1], port, both),
  ]);
  const halfA = { a1: `${a[0]} alive`, a2: `${a[1]} alive` };
  await all([a1, a2, b1, b2], { ...halfA, b1: `${b[0]} alive`, b2: `${b[1]} alive` }, 60_000);

  // Nothing gets across any more. Each half lives on by itself, and forgets the other.
  await tell('a', { names, unreachable: [...b, ...moved] });
  await tell('b', { names, unreachable: a });
  await all([a1, a2], halfA, 120_000);
  await all([b1, b2], { b1: `${b[0]} alive`, b2: `${b[1]} alive` }, 60_000);
  // One half gets new addresses. It remembers nobody, and is told of its own name alone.
  await Promise.all([b1.kill(), b2.kill()]);
  const namesNow = { ...names, 'b.test': moved };
  await tell('b', { names: namesNow, unreachable: a });
  const again = await Promise.all([
    start('b1', moved[0], port, ['b.test']),
    start('b2', moved[1], port, ['b.test']),
  ]);
  const halfB = { b1: `${moved[0]} alive`, b2: `${moved[1]} alive` };
  await all(again, halfB, 60_000);
  await all([a1, a2], halfA, 60_000);

  for (const half of ['a', 'b']) await tell(half, { names: namesNow, unreachable: [] });

  await all([a1, a2, ...again], { ...halfA, ...halfB }, 200_000);
  expect(a1.process.stdout + a2.process.stdout).toMatch(
    /nobody at 127\.62\.0\.2[12]:\d+, where b\.test:\d+ leads, is a member: contacting it/,
  );
});
