import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, type AgentSettings, type CommandLine, tserf } from '../../harness/agents.ts';
import { eventually } from '../../harness/eventually.ts';

/** Answers the queries of the cases: one line, several, bytes that are no text, nothing. */
const HANDLER = `#!/bin/sh
cat >/dev/null
case $SERF_QUERY_NAME in
  load) echo 1.02 ;;
  lines) printf 'a\\nb\\n\\n' ;;
  bytes) printf 'a\\377<&>\\000b\\342\\202\\355\\240\\200c' ;;
esac
`;

export const token = 's3cret';
export const keys = {
  first: '5K9OtfP7efFrNKe5WCQvXvnaXJ5cWP0SvXiwe0kkjM4=',
  second: 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=',
  absent: 'dGhpcyBrZXkgaXMgaW4gbm8ga2V5cmluZyBhdCBhbGw=',
};

/** An agent of each kind, for commands of both kinds. */
export type Pair = Readonly<Record<CommandLine['kind'], Agent>>;

/** What all cases play on. One cluster serves both kinds of agent: they are members of it. */
export interface Stage {
  /** Members `alpha-serf` and `alpha-tserf` of a cluster with alive, failed and left members. */
  readonly plain: Pair;
  /** Alone, and wanting a token. */
  readonly guarded: Pair;
  /** Each with one encrypted peer of Serf's. */
  readonly encrypted: Pair;
  /** Files with mistakes, for agents that cannot start. */
  readonly folder: string;
  end(): void;
}

const quick = ['-profile=local'];

export async function setStage(serf: CommandLine): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'tserf-compare-'));
  const handler = join(folder, 'handler.sh');
  writeFileSync(handler, HANDLER);
  chmodSync(handler, 0o755);
  const guard = join(folder, 'guard.json');
  writeFileSync(guard, JSON.stringify({ rpc_auth: token }));

  const answers = [...quick, `-event-handler=query=${handler}`];
  const [plain, guarded, encrypted, peers] = await Promise.all([
    startPair(serf, 'alpha', { tags: { role: 'web', dc: 'east' }, flags: quick }),
    startPair(serf, 'guarded', { flags: [...quick, `-config-file=${guard}`] }),
    startEncrypted(serf),
    Promise.all([
      Agent.start(serf, { node: 'beta', flags: answers }),
      Agent.start(serf, { node: 'gamma', tags: { p: 'x| y <&>"\\ü' }, flags: answers }),
      Agent.start(serf, { node: 'delta', tags: { role: 'db' }, flags: quick }),
      Agent.start(serf, { node: 'epsilon', tags: { role: '' }, flags: quick }),
    ]),
  ]);

  const [beta, gamma, delta, epsilon] = peers;
  for (const agent of [plain.tserf, ...peers]) await agent.join(plain.serf);
  await bothSee(plain, { beta: 'alive', gamma: 'alive', delta: 'alive', epsilon: 'alive' });
  await Promise.all([delta.kill(), epsilon.leave()]);
  await bothSee(plain, { beta: 'alive', gamma: 'alive', delta: 'failed', epsilon: 'left' });
  for (const agent of [beta, gamma]) await seesBoth(agent);

  return {
    plain,
    guarded,
    encrypted,
    folder: writeMistakes(folder),
    end: () => rmSync(folder, { recursive: true }),
  };
}

function writeMistakes(folder: string): string {
  const files = {
    'unknown-key.json': '{"nonsense": 1}',
    'cut-short.json': '{"node_name": ',
    'wrong-type.json': '{"tags": {"a": 5}}',
    tags: '{"a": "b"}',
    keyring: `["${keys.first}"]`,
  };
  const mistakes = join(folder, 'mistakes');
  mkdirSync(mistakes);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(mistakes, name), text);
  return mistakes;
}

export async function startPair(
  serf: CommandLine,
  node: string,
  settings: Omit<AgentSettings, 'node'>,
): Promise<Pair> {
  const [theirs, ours] = await Promise.all(
    [serf, tserf].map((line) => Agent.start(line, { ...settings, node: `${node}-${line.kind}` })),
  );
  return { serf: theirs as Agent, tserf: ours as Agent };
}

async function startEncrypted(serf: CommandLine): Promise<Pair> {
  const flags = [...quick, `-encrypt=${keys.first}`];
  const pair = await startPair(serf, 'encrypted', { flags });
  for (const agent of [pair.serf, pair.tserf]) {
    const peer = await Agent.start(serf, { node: `peer-of-${agent.node}`, flags });
    await agent.join(peer);
  }
  return pair;
}

async function bothSee(pair: Pair, others: Readonly<Record<string, string>>): Promise<void> {
  const expected = { 'alpha-serf': 'alive', 'alpha-tserf': 'alive', ...others };
  await eventually(
    async () => {
      for (const agent of [pair.serf, pair.tserf]) {
        const seen = await agent.statuses();
        if (!sameEntries(seen, expected)) {
          throw new Error(`${agent.node} sees ${JSON.stringify(seen)}`);
        }
      }
    },
    { withinMs: 40_000, everyMs: 200 },
  );
}

async function seesBoth(agent: Agent): Promise<void> {
  await eventually(
    async () => {
      const { 'alpha-serf': theirs, 'alpha-tserf': ours } = await agent.statuses();
      if (theirs !== 'alive' || ours !== 'alive') throw new Error(`${agent.node} misses an alpha`);
    },
    { withinMs: 20_000 },
  );
}

function sameEntries(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
