import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Agent, type CommandLine, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();

let folder: string;
let snapshot: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshots-'));
  snapshot = join(folder, 'serf.snapshot');
});
afterEach(async () => {
  await endAll();
  await rm(folder, { recursive: true, force: true });
});

const restarts: readonly {
  readonly what: string;
  readonly before: CommandLine;
  after: CommandLine;
}[] = [
  { what: 'theirs starts ours', before: serf, after: tserf },
  { what: 'ours starts theirs', before: tserf, after: serf },
  { what: 'ours starts ours', before: tserf, after: tserf },
];

describe.each(restarts)('a snapshot of $what', ({ before, after }) => {
  test('with its members and its clocks', async () => {
    const { peer, node } = await clusterOfTwo(before);
    for (const name of ['one', 'two', 'three']) await event(peer, name);
    await eventually(async () => expect(await clock(node, 'event_time')).toBe(4), {
      withinMs: 20_000,
    });
    await ended(node);

    const again = await restart(after, node);

    await allAlive(peer, again);
    // Nothing of before is news: the events of the peer's memory lie below the clock of the file.
    const deliveries = (agent: Agent) => agent.process.stdout.match(/Received event: user/g) ?? [];
    await event(peer, 'four');
    await eventually(() => expect(deliveries(again)).toHaveLength(1), { withinMs: 20_000 });
    expect(await clock(again, 'event_time')).toBe(5);
    expect(again.process.stdout).toContain('serf: Re-joined to previously known node: peer: ');
    expect(again.process.stdout).not.toContain('Unrecognized snapshot line');
  });

  test('after a leave: it rejoins where that is asked for, and only there', async () => {
    const { peer, node } = await clusterOfTwo(before);
    expect(await node.leave()).toBe(0);
    expect(await readFile(snapshot, 'utf8')).toMatch(/^leave$/m);
    const left = await readFile(snapshot, 'utf8');

    const alone = await restart(after, node);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await alone.statuses()).toEqual({ node: 'alive' });
    await alone.kill();

    await rm(snapshot);
    await appendFile(snapshot, left);
    const again = await restart(after, node, '-rejoin');
    await allAlive(peer, again);
    expect(again.process.stdout).toContain('serf: Ignoring previous leave in snapshot');
  });

  test('with a torn last line, and lines that nobody knows', async () => {
    const { peer, node } = await clusterOfTwo(before);
    await ended(node);
    await appendFile(snapshot, 'frobnicate: 1\nclock: 9999');

    const again = await restart(after, node);

    await allAlive(peer, again);
    expect(await clock(again, 'member_time')).toBeLessThan(1_000);
    expect(again.process.stdout.match(/Unrecognized snapshot line: frobnicate: 1/g)).toHaveLength(
      1,
    );
  });
});

test('what ours notes about a failed member is no news to theirs', async () => {
  const { peer, node } = await clusterOfTwo(tserf);
  await peer.kill();
  const note = new RegExp(`^not-alive: peer\\n# failed: peer ${peer.gossip}$`, 'm');
  await eventually(async () => expect(await readFile(snapshot, 'utf8')).toMatch(note), {
    withinMs: 60_000,
  });
  await ended(node);

  const again = await restart(serf, node);

  expect(await again.statuses()).toEqual({ node: 'alive' });
  expect(again.process.stdout).not.toContain('Unrecognized snapshot line');
  // It would have tried one that is alive by the file.
  expect(again.process.stdout).not.toContain('previously known node: peer');
});

/** One of theirs that stays, and an agent with a snapshot that has joined it. */
async function clusterOfTwo(line: CommandLine): Promise<{ peer: Agent; node: Agent }> {
  const peer = await Agent.start(serf, { node: 'peer' });
  const node = await Agent.start(line, { node: 'node', flags: [`-snapshot=${snapshot}`] });
  expect(await node.join(peer)).toMatchObject({ code: 0 });
  await allAlive(peer, node);
  return { peer, node };
}

/** Starts an agent of some kind in the place of one that ended: same name, same address, same file. */
function restart(line: CommandLine, { node, gossip }: Agent, ...flags: string[]): Promise<Agent> {
  const gossipPort = Number(gossip.split(':')[1]);
  return Agent.start(line, { node, gossipPort, flags: [`-snapshot=${snapshot}`, ...flags] });
}

/** Ends an agent without a leave, as its init system does. */
async function ended(agent: Agent): Promise<void> {
  // What happened last is in the file half a second later.
  await new Promise((resolve) => setTimeout(resolve, 700));
  agent.process.signal('SIGTERM');
  await agent.process.exited;
}

async function event(agent: Agent, name: string): Promise<void> {
  const sent = await call(agent.line, 'event', `-rpc-addr=${agent.rpc}`, '-coalesce=false', name);
  expect(sent).toMatchObject({ code: 0 });
}

async function clock(agent: Agent, name: string): Promise<number> {
  const { stdout } = await call(agent.line, 'info', '-format=json', `-rpc-addr=${agent.rpc}`);
  return Number((JSON.parse(stdout) as { serf: Record<string, string> }).serf[name]);
}

async function allAlive(...agents: readonly Agent[]): Promise<void> {
  const expected = Object.fromEntries(agents.map(({ node }) => [node, 'alive']));
  await eventually(
    async () => {
      for (const agent of agents) expect(await agent.statuses()).toEqual(expected);
    },
    { withinMs: 60_000 },
  );
}
