import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import type { AgentFlags } from '../src/flags.js';
import { eventually, freePort, local } from './running.js';

// Few: each is a process that compiles itself from source.
vi.setConfig({ testTimeout: 120_000 });

const loader = fileURLToPath(new URL('../../../tools/ts-in-workers.mjs', import.meta.url));
const program = fileURLToPath(new URL('./fixtures/agent-process.ts', import.meta.url));

class AgentProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  stdout = '';

  constructor(flags: AgentFlags) {
    this.#child = spawn(
      process.execPath,
      ['--import', loader, '--conditions', '@tserf/source', program, JSON.stringify(flags)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  until(text: string): Promise<void> {
    return eventually(
      () => this.stdout.includes(text),
      () => `${text} in:\n${this.stdout}`,
    );
  }
}

test.each([
  ['SIGINT', 0, 'interrupt'],
  ['SIGTERM', 1, 'terminated'],
] as const)(
  '%s from outside ends the process with %d, and nothing holds it back',
  async (signal, code, word) => {
    const agent = new AgentProcess(local('a'));
    await agent.until('Log data will now stream in');

    agent.kill(signal);

    expect(await agent.ended).toEqual({ code, signal: null });
    expect(agent.stdout).toContain(`==> Caught signal: ${word}\n`);
    expect(agent.stdout.endsWith('[INFO] agent: shutdown complete\n')).toBe(true);
  },
);

test('SIGHUP, and the signals that Serf passes over, leave the process alone', async () => {
  const agent = new AgentProcess(local('a'));
  await agent.until('Log data will now stream in');

  agent.kill('SIGUSR1');
  for (const signal of [
    'SIGUSR2',
    'SIGALRM',
    'SIGVTALRM',
    'SIGPROF',
    'SIGIO',
    'SIGPWR',
    'SIGXCPU',
  ] as const) {
    agent.kill(signal);
  }
  agent.kill('SIGHUP');
  await agent.until('==> Reloading configuration...\n    Nothing has changed\n');
  agent.kill('SIGINT');

  expect((await agent.ended).code).toBe(0);
});

test('a start that fails ends the process with 1', async () => {
  const agent = new AgentProcess({ ...local('a'), join: [`127.0.0.1:${await freePort()}`] });

  expect(await agent.ended).toEqual({ code: 1, signal: null });
  expect(agent.stdout).toContain('connection refused\n\n\n==> No agent could be joined');
});

const serf = ['/opt/serf-newest/serf', '/usr/bin/serf'].find((path) => existsSync(path));

test.skipIf(serf === undefined)('the real `serf` drives it, and makes it leave', async () => {
  const rpc = `127.0.0.1:${await freePort()}`;
  const agent = new AgentProcess({ ...local('web-1'), rpcAddr: rpc, tag: ['role=web'] });
  await agent.until('Log data will now stream in');
  const run = (...args: string[]): string =>
    execFileSync(serf ?? '', [...args, `-rpc-addr=${rpc}`], { encoding: 'utf8', timeout: 60_000 });

  expect(run('members')).toMatch(/^web-1 +127\.0\.0\.1:\d+ +alive +role=web\s*$/);
  expect(run('info')).toContain('name = web-1');
  expect(run('leave')).toContain('Graceful leave complete');

  expect((await agent.ended).code).toBe(0);
});
