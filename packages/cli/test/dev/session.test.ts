import { stripVTControlCharacters } from 'node:util';
import type { MemberRecord } from '@tserf/client';
import { expect, test, vi } from 'vitest';
import type { DevAgentSpec, StartDevAgent } from '../../src/dev/cluster.js';
import { type DevOptions, runDev } from '../../src/dev/session.js';
import { type FakeAgent, fakeAgent, member } from '../support/fake-agent.js';
import { recordIo, type TerminalOptions } from '../support/terminal.js';

const usual: DevOptions = {
  count: 3,
  ports: { gossip: 7946, rpc: 7373 },
  profile: 'local',
  isPlain: false,
};

/** A cluster without a network: agents that only note what happens to them. */
class FakeCluster {
  readonly started: DevAgentSpec[] = [];
  readonly log: string[] = [];
  readonly #running = new Map<string, { end: () => void; client: FakeAgent }>();
  failing: string | undefined;
  /** Free ports, where the wanted ones are not. */
  ports: DevOptions['ports'] | undefined;

  readonly startAgent: StartDevAgent = async (spec) => {
    if (spec.name === this.failing) throw new Error(`bind ${spec.gossipPort}: in use`);
    this.started.push(spec);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#running.set(spec.name, { end, client: fakeAgent({ members: this.members() }) });
    return {
      ended,
      leave: async () => void this.log.push(`${spec.name} leaves`),
      shutdown: async () => {
        this.log.push(`${spec.name} ends`);
        this.lose(spec.name);
      },
    };
  };

  members(): readonly MemberRecord[] {
    return [1, 2, 3].map((number) => member({ name: `dev-${number}`, port: 7945 + number }));
  }

  client(name: string): FakeAgent {
    const agent = this.#running.get(name);
    if (agent === undefined) throw new Error(`${name} does not run`);
    return agent.client;
  }

  lose(name: string): void {
    const agent = this.#running.get(name);
    this.#running.delete(name);
    agent?.client.events.lose();
    agent?.end();
  }

  run(options: Partial<DevOptions> = {}, terminalOptions: TerminalOptions = {}) {
    const terminal = recordIo(terminalOptions);
    const code = runDev({ ...usual, ...options }, terminal.io, {
      startAgent: this.startAgent,
      findPortRows: async (wanted) => this.ports ?? wanted,
      connect: (target) =>
        this.client(`dev-${Number(target.address.slice(-1)) - 2}`).connect(target),
    });
    return { terminal, code };
  }
}

const screen = { size: { columns: 100, rows: 30 } };

test('the agents are started one after the other, each joined by those before it', async () => {
  const cluster = new FakeCluster();
  const { terminal, code } = cluster.run();
  await vi.waitFor(() => expect(terminal.stdout()).toContain('Events, until Ctrl-C:'));

  terminal.signal('SIGINT');

  expect(await code).toBe(0);
  expect(
    cluster.started.map(({ name, gossipPort, rpcPort, join }) => [name, gossipPort, rpcPort, join]),
  ).toEqual([
    ['dev-1', 7946, 7373, []],
    ['dev-2', 7947, 7374, ['127.0.0.1:7946']],
    ['dev-3', 7948, 7375, ['127.0.0.1:7946', '127.0.0.1:7947']],
  ]);
  expect(cluster.log.sort()).toEqual(
    [1, 2, 3].flatMap((number) => [`dev-${number} ends`, `dev-${number} leaves`]),
  );
});

test('into a pipe it writes plain lines, with what to try', async () => {
  const cluster = new FakeCluster();
  const { terminal, code } = cluster.run();
  await vi.waitFor(() => expect(terminal.stdout()).toContain('Events, until Ctrl-C:'));

  cluster.client('dev-1').events.push({
    type: 'user',
    lamportTime: 1,
    name: 'deploy',
    payload: new TextEncoder().encode('v2\x1b[2J'),
    coalesce: true,
  });
  await vi.waitFor(() => expect(terminal.stdout()).toContain('deploy'));
  terminal.signal('SIGTERM');
  await code;

  const output = terminal.stdout();
  expect(stripVTControlCharacters(output)).toBe(output);
  expect(output).toContain('  dev-2  alive  gossip 127.0.0.1:7947  RPC 127.0.0.1:7374');
  expect(output).toContain('tserf leave -rpc-addr=127.0.0.1:7375 ');
  expect(output).toMatch(/^\d\d:\d\d:\d\d {2}user {11}deploy v2\\x1b\[2J$/m);
  expect(output.endsWith('The cluster has ended.\n')).toBe(true);
  expect(terminal.stderr()).toBe('');
});

test('on a terminal it draws a screen and gives the terminal back', async () => {
  const cluster = new FakeCluster();
  const { terminal, code } = cluster.run({}, screen);
  await vi.waitFor(() => expect(terminal.stdout()).toContain('\x1b[32malive'));

  terminal.press('q');

  expect(await code).toBe(0);
  const output = terminal.stdout();
  expect(output.startsWith('\x1b[?1049h\x1b[?25l')).toBe(true);
  expect(output.endsWith('\x1b[?25h\x1b[?1049lThe cluster has ended.\n')).toBe(true);
});

test.each([[{ NO_COLOR: '1' }], [{ TERM: 'dumb' }]])(
  'with %j it is drawn without colours',
  async (env) => {
    const cluster = new FakeCluster();
    const { terminal, code } = cluster.run({}, { ...screen, env });
    await vi.waitFor(() => expect(terminal.stdout()).toContain('3 of 3 agents running'));
    terminal.press('\x03');
    await code;

    for (const paint of ['\x1b[1m', '\x1b[32m']) expect(terminal.stdout()).not.toContain(paint);
  },
);

test('a key crashes an agent and starts it again, and another one is asked meanwhile', async () => {
  const cluster = new FakeCluster();
  const { terminal, code } = cluster.run({}, screen);
  await vi.waitFor(() => expect(terminal.stdout()).toContain('3 of 3 agents running'));

  terminal.press('1');
  await vi.waitFor(() => expect(terminal.stdout()).toContain('2 of 3 agents running'));
  await vi.waitFor(() => expect(cluster.client('dev-2').calls).toContainEqual(['stream', '*']));
  expect(cluster.log).toEqual(['dev-1 ends']);
  terminal.press('1');
  await vi.waitFor(() => expect(cluster.started).toHaveLength(4));
  terminal.press('9');
  terminal.press('q');

  expect(await code).toBe(0);
  expect(cluster.started[3]).toMatchObject({
    name: 'dev-1',
    join: ['127.0.0.1:7947', '127.0.0.1:7948'],
  });
});

test('an agent that cannot start ends them all, with the reason on stderr', async () => {
  const cluster = new FakeCluster();
  cluster.failing = 'dev-2';
  const { terminal, code } = cluster.run({}, screen);

  expect(await code).toBe(1);
  expect(terminal.stderr()).toBe('Error starting the cluster: bind 7947: in use\n');
  expect(terminal.stdout().endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  expect(cluster.log).toEqual(['dev-1 leaves', 'dev-1 ends']);
});

test('without a keyboard it ends when all agents have ended', async () => {
  const cluster = new FakeCluster();
  const { terminal, code } = cluster.run();
  await vi.waitFor(() => expect(terminal.stdout()).toContain('Events, until Ctrl-C:'));

  for (const name of ['dev-1', 'dev-2', 'dev-3']) cluster.lose(name);

  expect(await code).toBe(0);
});

test('ports that are not the wanted ones are pointed out', async () => {
  const cluster = new FakeCluster();
  cluster.ports = { gossip: 7966, rpc: 7373 };
  const { terminal, code } = cluster.run();
  await vi.waitFor(() => expect(cluster.started).toHaveLength(3));
  terminal.signal('SIGINT');
  await code;

  expect(terminal.stdout()).toContain('gossip ports start at 7966: some from 7946 are in use\n');
  expect(terminal.stdout()).not.toContain('RPC ports start');
  expect(cluster.started[2]?.gossipPort).toBe(7968);
});
