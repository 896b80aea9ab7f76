import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/ports.ts';
import { endAll, Running } from '../harness/processes.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tserf-handlers-'));
});
afterEach(async () => {
  await endAll();
  rmSync(folder, { recursive: true });
});

const read = (name: string): string => {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

test('the example keeps a list of members, deploys, and answers', async () => {
  cpSync(join(root, 'examples/handlers'), folder, { recursive: true });
  const [gossip, rpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const flags = [`-bind=${gossip}`, `-rpc-addr=${rpc}`];
  const agent = [tserf.command, ...tserf.before, 'agent', '-config-file=agent.yaml', ...flags];
  const balancer = new Running('/bin/sh', [
    '-c',
    'cd "$1"; shift; exec "$@"',
    'sh',
    folder,
    ...agent,
  ]);
  await balancer.printed(/Log data will now stream in/);

  const web = await Agent.start(tserf, {
    node: 'web-1',
    tags: { role: 'web' },
    flags: [`-join=${gossip}`],
  });
  await eventually(() => expect(read('backends.txt')).toBe('web-1 127.0.0.1\n'), {
    withinMs: 30_000,
  });

  await call(tserf, 'event', `-rpc-addr=${rpc}`, 'deploy', 'v1.2');
  await eventually(() => expect(read('version.txt')).toBe('v1.2\n'), { withinMs: 30_000 });
  const load = await call(tserf, 'query', `-rpc-addr=${rpc}`, '-node=balancer', '-early', 'load');
  expect(load.stdout).toMatch(/Response from 'balancer': .* load average: /);
  const disk = await call(tserf, 'query', `-rpc-addr=${rpc}`, '-node=balancer', '-early', 'disk');
  expect(disk.stdout).toContain("Response from 'balancer': Filesystem ");
  const { stdout } = await call(tserf, 'info', `-rpc-addr=${rpc}`, '-format=json');
  expect(JSON.parse(stdout)).toMatchObject({
    event_handlers: { 'query:load': 'uptime', 'member-join:': './backends.sh' },
    handlers: { 'deploy.succeeded': '1', 'disk.succeeded': '1', 'event_handlers.failed': '0' },
  });

  await web.leave();
  await eventually(() => expect(read('backends.txt')).toBe(''), { withinMs: 30_000 });
});

test('an agent whose scripts hang answers, leaves and ends, and leaves nothing of handlers: behind', async () => {
  const config = join(folder, 'agent.yaml');
  const hanging = (file: string) =>
    `trap "" TERM; sleep 1000 & echo $$ $! >${join(folder, file)}; wait; sleep 1000`;
  const settings = {
    event_handlers: [`member-join=${hanging('theirs')}`, 'query:load=echo fine'],
    handlers: [{ name: 'hang', script: hanging('ours'), on: '*' }],
  };
  writeFileSync(config, JSON.stringify(settings));
  const agent = await Agent.start(tserf, { node: 'a', flags: [`-config-file=${config}`] });
  await eventually(() => expect(read('ours') && read('theirs')).not.toBe(''), { withinMs: 30_000 });
  const children = childrenOf(agent.process.pid);
  const [ours, theirs] = ['ours', 'theirs'].map((file) => read(file).trim().split(' ').map(Number));

  const answer = await call(
    tserf,
    'query',
    `-rpc-addr=${agent.rpc}`,
    '-timeout=60s',
    '-early',
    'load',
  );
  expect(answer.stdout).toContain("Response from 'a': fine");
  expect(await agent.leave()).toBe(0);

  try {
    await eventually(
      () =>
        expect(children.filter(isRunning)).toEqual(children.filter((pid) => theirs?.includes(pid))),
      { withinMs: 10_000 },
    );
    expect(ours?.filter(isRunning)).toEqual([]);
    expect(theirs?.every(isRunning)).toBe(true);
  } finally {
    for (const pid of theirs ?? []) process.kill(pid, 'SIGKILL');
  }
});

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(Number(name))?.[1] === String(pid))
    .map(Number);
}

function isRunning(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== 'Z';
}

/** State, parent, and so on; undefined when there is no such process. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
