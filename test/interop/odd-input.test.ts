import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { allSee, statuses } from '../harness/mixed.ts';
import { endAll, run } from '../harness/processes.ts';

const serf = serfUnderTest();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odd-input-'));
});
afterEach(async () => {
  await endAll();
  await rm(folder, { recursive: true, force: true });
});

async function joined(flagsOf: (node: string) => readonly string[]): Promise<Agent[]> {
  const agents: Agent[] = [];
  for (const line of [tserf, serf, tserf, serf]) {
    const node = `${line.kind}-${agents.length + 1}`;
    agents.push(await Agent.start(line, { node, flags: flagsOf(node) }));
  }
  const [first, ...rest] = agents as [Agent, ...Agent[]];
  for (const agent of rest) expect(await agent.join(first)).toMatchObject({ code: 0 });
  await allSee(agents, statuses(agents, 'alive'));
  return agents;
}

test('of 33 keys each of either kind lists the first 17, and says so', async () => {
  const keys = Array.from({ length: 33 }, (_, index) =>
    createHash('sha256').update(`key ${index}`).digest('base64'),
  );
  const file = (node: string) => join(folder, node);
  for (const node of ['tserf-1', 'serf-2', 'tserf-3', 'serf-4']) {
    await writeFile(file(node), JSON.stringify(keys), { mode: 0o600 });
  }
  const agents = await joined((node) => [`-keyring-file=${file(node)}`]);
  const notice = 'truncated key list response, showing first 17 of 33 keys';

  for (const agent of agents) {
    for (const line of [tserf, serf]) {
      // Gossip may pass over somebody; whoever lists keys asks again.
      await eventually(
        async () => {
          const list = await call(line, 'keys', '-list', `-rpc-addr=${agent.rpc}`);
          expect(list.code, list.stdout + list.stderr).toBe(0);
          const shown = [...list.stdout.matchAll(/(\S{43}=) +\[(\d)\/4\]/g)];
          const counts = Object.fromEntries(shown.map(([, key, count]) => [key, count]));
          expect(counts).toEqual(Object.fromEntries(keys.slice(0, 17).map((key) => [key, '4'])));
        },
        { withinMs: 30_000, everyMs: 500 },
      );
    }
  }
  for (const { process } of agents) expect(process.stdout).toMatch(`[WARN] serf: ${notice}`);
  expect(await agents[0]?.statuses()).toEqual(statuses(agents, 'alive'));
});

test.each([
  { from: 'theirs', sender: 1 },
  { from: 'ours', sender: 0 },
])(
  'an event of $from whose name is no text is handled by each once, whoever joins again',
  async ({ sender }) => {
    const handled = (node: string) => join(folder, `${node}.handled`);
    const agents = await joined((node) => [
      `-event-handler=user=printf '%s %s\\n' "$SERF_USER_EVENT" "$SERF_USER_LTIME" >> ${handled(node)}`,
    ]);
    const { rpc } = agents[sender] as Agent;

    // Arguments are text for Node: a shell writes the byte.
    const send = `exec "$0" event -coalesce=false -rpc-addr=${rpc} $'bad\\xff' payload`;
    const sent = await run('bash', ['-c', send, serf.command]);
    expect(sent, sent.stdout).toMatchObject({ code: 0 });
    const linesOf = async (node: string) =>
      (await readFile(handled(node), 'latin1')).split('\n').slice(0, -1);
    await eventually(
      async () => {
        for (const { node } of agents) expect(await linesOf(node), node).toHaveLength(1);
      },
      { withinMs: 75_000 },
    );

    for (const agent of agents) {
      for (const other of agents) {
        if (other === agent) continue;
        const args = ['-replay', `-rpc-addr=${agent.rpc}`, other.gossip];
        expect(await call(agent.line, 'join', ...args)).toMatchObject({ code: 0 });
      }
    }
    await sleep(3_000);
    for (const { node } of agents) {
      const lines = await linesOf(node);
      expect(lines, node).toHaveLength(1);
      expect(lines[0], node).toMatch(/^bad(\xff|\xef\xbf\xbd) 1$/);
    }
  },
);

test('a change of keys that names none, which ends an agent of Serf 0.9.4, is not passed on to theirs', async () => {
  const agents = await joined(() => []);
  const [ours] = agents as [Agent, ...Agent[]];
  // A query of Lamport time 9, with a time-out and without a payload.
  const query = (name: string, id: number) =>
    Buffer.concat([
      Buffer.from('080484a54c54696d6509a754696d656f7574ce3b9aca00a24944', 'hex'),
      Buffer.of(id, 0xa4),
      Buffer.from('Name'),
      Buffer.of(0xa0 | name.length),
      Buffer.from(name),
    ]);
  const socket = createSocket('udp4');
  const { port } = new URL(`udp://${ours.gossip}`);
  for (const [id, operation] of ['install', 'use', 'remove'].entries()) {
    const packet = query(`_serf_${operation}-key`, id + 1);
    await new Promise<void>((resolve) =>
      socket.send(packet, Number(port), '127.0.0.1', () => resolve()),
    );
  }
  await sleep(5_000);
  socket.close();

  for (const { process, node } of agents) expect(process.alive, node).toBe(true);
  await allSee(agents, statuses(agents, 'alive'));
});
