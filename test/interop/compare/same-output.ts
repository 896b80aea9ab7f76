import { expect } from 'vitest';
import { type CommandLine, call, serfUnderTest, tserf } from '../../harness/agents.ts';
import { eventually } from '../../harness/eventually.ts';
import { type Finished, Running } from '../../harness/processes.ts';
import type { Case } from './cases.ts';
import { type Form, normalForm } from './normal-form.ts';

export const serf = serfUnderTest();
export const kinds = ['serf', 'tserf'] as const;

/** Where a command finds its agent, or whoever is there in its place. */
export interface Target {
  readonly rpc: string;
}

export function titled(one: Case): [title: string, one: Case] {
  const words = one.args.map((word) =>
    word.length > 60 ? `${word.slice(0, 10)}… (${word.length})` : word,
  );
  const environment = Object.entries(one.env ?? {}).map(([name, value]) => `${name}=${value} `);
  return [`${environment.join('')}${words.map((word) => JSON.stringify(word)).join(' ')}`, one];
}

/** Both at once, on what does not change. */
export async function expectSame(one: Case, agent?: Target): Promise<void> {
  const { form = 'exact', isLive = false } = one;
  for (let attempt = 1; ; attempt += 1) {
    const [theirs, ours] = await Promise.all(
      [serf, tserf].map((line) => runCase(line, one, agent)),
    );
    const same = [theirs, ours].map((result) => normalForm(result as Finished, form));
    // A query's last answers may miss its end, and Serf's order is random: the same must be seen before long.
    if (isLive && attempt < 12 && JSON.stringify(same[0]) !== JSON.stringify(same[1])) continue;
    expect(same[1]).toEqual(same[0]);
    return;
  }
}

/** One after the other, on what is the same whether it is done once or twice. */
export async function expectSameInTurn(
  args: readonly string[],
  agent: Target,
  form: Form = 'exact',
): Promise<void> {
  const theirs = normalForm(await runCase(serf, { args }, agent), form);
  const ours = normalForm(await runCase(tserf, { args }, agent), form);
  expect(ours).toEqual(theirs);
}

async function runCase(line: CommandLine, one: Case, agent?: Target): Promise<Finished> {
  const [name, ...rest] = one.args;
  const address = agent === undefined || one.noAddress ? [] : [`-rpc-addr=${agent.rpc}`];
  const args = name === undefined ? [] : [name, ...address, ...rest];
  const env: Record<string, string> = { SERF_RPC_ADDR: '', SERF_RPC_AUTH: '' };
  for (const [variable, value] of Object.entries(one.env ?? {})) {
    env[variable] = value === 'RPC' ? (agent?.rpc ?? '') : value;
  }
  return end(new Running(line.command, [...line.before, ...args], env));
}

export function start(
  line: CommandLine,
  agent: Target,
  ...[name = '', ...rest]: readonly string[]
): Running {
  return new Running(line.command, [...line.before, name, `-rpc-addr=${agent.rpc}`, ...rest]);
}

/** Runs a monitor until it has shown an event: until then nobody can tell whether it listens. */
export async function startMonitor(line: CommandLine, agent: Target): Promise<Running> {
  const monitor = start(line, agent, 'monitor', '-log-level=err');
  await eventually(
    async () => {
      await call(serf, 'event', `-rpc-addr=${agent.rpc}`, '-coalesce=false', 'ready');
      expect(monitor.stdout).toContain('"ready"');
    },
    { withinMs: 20_000, everyMs: 300 },
  );
  return monitor;
}

export async function end(running: Running): Promise<Finished> {
  const code = await running.exited;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

export async function interrupt(running: Running): Promise<Finished> {
  running.signal('SIGINT');
  return end(running);
}

/** The events that a monitor printed, each with its fields sorted and without what counts on. */
export function eventBlocks(output: string): string[] {
  return output
    .split('Event Info:\n')
    .slice(1)
    .map((block) =>
      block
        .replace(/\t(ID|LTime): \S+\n/g, '')
        .split('\n')
        .sort()
        .join('\n'),
    );
}
