import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@tserf/client';
import { expect, test, vi } from 'vitest';
import { Agent, type AgentOptions } from '../src/agent.js';
import type { LogRecord } from '../src/log-record.js';
import { AgentStartError } from '../src/start-error.js';
import { eventually, freePort, silentListener } from './running.js';

vi.setConfig({ testTimeout: 60_000 });

const options = (node: string, more: Partial<AgentOptions> = {}): AgentOptions => ({
  node,
  bind: { host: '127.0.0.1', port: 0 },
  rpcAddr: '127.0.0.1:0',
  profile: 'local',
  ...more,
});

test('three agents in one process are one cluster, each driven by its own RPC listener', async () => {
  const agents = await Promise.all(
    ['a', 'b', 'c'].map((node) => Agent.start(options(node, { tags: { node } }))),
  );
  try {
    const [first, ...others] = agents;
    const seed = `127.0.0.1:${first?.bindAddress.port}`;
    for (const agent of others) expect(await agent.join([seed])).toBe(1);

    for (const agent of agents) {
      await using client = await Client.connect({ address: `127.0.0.1:${agent.rpcAddress.port}` });
      await eventually(async () => {
        const members = await client.members();
        return (
          members.length === 3 &&
          members.every(({ status, tags, name }) => status === 'alive' && tags['node'] === name)
        );
      });
    }
  } finally {
    await Promise.all(agents.map((agent) => agent.shutdown()));
  }
});

test('what the engine says of its start stands before what the agent says after it', async () => {
  const lines: string[] = [];
  const agent = await Agent.start(options('a'), { onLog: ({ text }) => lines.push(text) });
  try {
    agent.log('INFO', 'agent: started');

    expect(lines[0]).toBe('agent: Serf agent starting');
    expect(lines).toContain('serf: EventMemberJoin: a 127.0.0.1');
    expect(lines.at(-1)).toBe('agent: started');
  } finally {
    await agent.shutdown();
  }
});

test('statistics have the sections and the Go names that dashboards know', async () => {
  const agent = await Agent.start(options('a', { tags: { role: 'web' } }));
  try {
    const stats = await agent.stats();

    expect(stats).toMatchObject({
      agent: { name: 'a' },
      tags: { role: 'web' },
      serf: { members: '1', failed: '0', left: '0', member_time: '1', encrypted: 'false' },
      event_handlers: {},
    });
    expect(Object.keys(stats['runtime'] ?? {}).sort()).toEqual([
      'arch',
      'cpu_count',
      'goroutines',
      'max_procs',
      'os',
      'version',
    ]);
    expect(
      Object.values(stats)
        .flatMap((section) => Object.values(section))
        .every((value) => typeof value === 'string'),
    ).toBe(true);
  } finally {
    await agent.shutdown();
  }
});

test('subscribers hear of members about a second later, gathered into one event', async () => {
  const agent = await Agent.start(options('a'));
  const heard: string[] = [];
  agent.subscribe((event) => {
    if ('members' in event)
      heard.push(
        `${event.type} ${event.members
          .map(({ name }) => name)
          .sort()
          .join(',')}`,
      );
  });
  const others = await Promise.all(['b', 'c'].map((node) => Agent.start(options(node))));
  try {
    await agent.join(others.map((other) => `127.0.0.1:${other.bindAddress.port}`));

    const all = (): string => heard.join(' ');
    await eventually(() => all().includes('c'), all);

    expect(all()).toMatch(/^member-join a,b,c$|^member-join a member-join b,c$/);
  } finally {
    await Promise.all([agent, ...others].map((each) => each.shutdown()));
  }
});

test("a join that reaches nobody has a reason for every address, in Serf's form", async () => {
  const agent = await Agent.start(options('a'));
  const dead = await freePort();
  try {
    await expect(agent.join([`127.0.0.1:${dead}`])).rejects.toMatchObject({
      message: `1 error occurred:\n\t* failed to join 127.0.0.1:${dead}: dial tcp 127.0.0.1:${dead}: connect: connection refused\n\n`,
    });
    const lines = agent.logs.follow('INFO', () => {}).replay.map(({ text }) => text);
    expect(lines).toContain(`agent: joining: [127.0.0.1:${dead}] replay: false`);
    expect(
      lines.find((line) => line.startsWith('agent: error joining: 1 error occurred:')),
    ).toBeDefined();
  } finally {
    await agent.shutdown();
  }
});

test('an agent that cannot have its RPC address leaves nothing open', async () => {
  await using taken = await silentListener();
  const port = await freePort();

  const failure = await Agent.start(
    options('a', { bind: { host: '127.0.0.1', port }, rpcAddr: `127.0.0.1:${taken.port}` }),
  ).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(AgentStartError);
  expect(failure).toMatchObject({ code: 'RPC_FAILED' });
  const next = await Agent.start(options('a', { bind: { host: '127.0.0.1', port } }));
  await next.shutdown();
});

test('shutting down twice is harmless, and `closed` says that it was wanted', async () => {
  const agent = await Agent.start(options('a'));

  await Promise.all([agent.shutdown(), agent.shutdown()]);
  await agent.shutdown();

  expect(await agent.closed).toEqual({ type: 'shutdown' });
  await expect(agent.join(['127.0.0.1:1'])).rejects.toThrow('shut down');
});

test('tags that are set at run time are in the cluster, and after a restart with the tags file again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tserf-agent-'));
  const tagsFile = join(dir, 'tags.json');
  try {
    const first = await Agent.start(options('a', { tagsFile }));
    await first.updateTags({ set: { role: 'web', v: '1' }, delete: [] });
    expect(first.members()).toMatchObject([{ tags: { role: 'web', v: '1' } }]);
    await first.shutdown();

    const second = await Agent.start(options('a', { tagsFile }));
    expect(second.members()).toMatchObject([{ tags: { role: 'web', v: '1' } }]);
    expect(second.logs.follow('INFO', () => {}).replay.map(({ text }) => text)).toContain(
      `agent: Restored 2 tag(s) from ${tagsFile}`,
    );
    await second.shutdown();
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('how many keys the keyring file has is logged, doubles among them, as Serf logs it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tserf-agent-'));
  const keyringFile = join(dir, 'keyring.json');
  const key = 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=';
  await writeFile(keyringFile, JSON.stringify([key, key]));
  try {
    const agent = await Agent.start(options('a', { keyringFile }));
    expect(agent.logs.follow('INFO', () => {}).replay.map(({ text }) => text)).toContain(
      `agent: Restored keyring with 2 keys from ${keyringFile}`,
    );
    await agent.shutdown();
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('an event and a query reach all agents, are logged as Serf logs them, and bring back acks and answers', async () => {
  const lines: string[] = [];
  const onLog = ({ level, text }: LogRecord) => lines.push(`[${level}] ${text}`);
  const [a, b] = await Promise.all([
    Agent.start(options('a'), { onLog }),
    Agent.start(options('b', { tags: { role: 'web' } })),
  ]);
  try {
    await b.join([`127.0.0.1:${a.bindAddress.port}`]);
    const heard: string[] = [];
    b.subscribe((event) => {
      if (event.type === 'user') heard.push(`${event.name} ${Buffer.from(event.payload ?? '')}`);
      if (event.type === 'query')
        void b.respond(event.query, Buffer.from(`load of b ${event.from}`));
    });

    await a.event('dep\nloy', Buffer.from('v"1"\n'), false);
    await eventually(() => heard.length > 0);
    const answers: string[] = [];
    const done = new Promise<void>((resolve) => {
      void a.query(
        {
          name: 'load',
          payload: Buffer.from('15m'),
          filterNodes: [],
          filterTags: { role: '^w' },
          requestAck: true,
          relayFactor: 0,
          timeoutMs: 0,
          early: true,
        },
        {
          ack: (from) => answers.push(`ack ${from}`),
          response: (from, payload) => answers.push(`${from}: ${Buffer.from(payload ?? '')}`),
          done: resolve,
        },
      );
    });
    await done;

    expect(heard).toEqual(['dep\nloy v"1"\n']);
    expect(answers).toEqual(['ack b', 'b: load of b a']);
    await expect(b.respond(99, Buffer.from('x'))).rejects.toThrow();
    expect(lines).toEqual(
      expect.arrayContaining([
        '[DEBUG] agent: Requesting user event send: dep\\nloy. Coalesced: false. Payload: "v\\"1\\"\\n"',
        '[INFO] agent: Received event: user-event: dep\\nloy',
        '[DEBUG] agent: Requesting query send: load. Payload: "15m"',
      ]),
    );
    await expect(a.event('large', new Uint8Array(600), false)).rejects.toThrow(
      'user event exceeds configured limit of 512 bytes before encoding',
    );
    expect(lines.at(-1)).toBe(
      '[WARN] agent: failed to send user event: user event exceeds configured limit of 512 bytes before encoding',
    );
  } finally {
    await Promise.all([a.shutdown(), b.shutdown()]);
  }
});

test('of a payload that is refused as too large, the log has the beginning', async () => {
  const lines: string[] = [];
  const agent = await Agent.start(options('a'), { onLog: ({ text }) => lines.push(text) });
  try {
    const payload = new Uint8Array(1_000_000).fill(0xff);
    await expect(agent.event('large', payload, false)).rejects.toThrow('exceeds');
    await expect(
      agent.query({ name: 'large', payload } as never, { ack() {}, response() {}, done() {} }),
    ).rejects.toThrow('exceeds');

    const beginning = `Payload: "${'\\xff'.repeat(2_048)}"… (1000000 bytes in all)`;
    expect(lines.filter((line) => line.endsWith(beginning))).toHaveLength(2);
  } finally {
    await agent.shutdown();
  }
});

test('two of one name, where nobody is to vote on it, only log that', async () => {
  const start = () => Agent.start(options('twin', { disableNameResolution: true }));
  const [one, two] = await Promise.all([start(), start()]);
  try {
    await one.join([`127.0.0.1:${two.bindAddress.port}`]);

    const log = () => one.logs.follow('INFO', () => {}).replay.map(({ text }) => text);
    await eventually(
      () => log().some((text) => text.includes('(Resolution enabled: false)')),
      () => log().join('\n'),
    );
    expect(log().filter((text) => text.includes('resolution, quitting'))).toEqual([]);
  } finally {
    await Promise.all([one.shutdown(), two.shutdown()]);
  }
});
