import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './ports.ts';
import { type Finished, Running, run } from './processes.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A command line that speaks Serf's language: ours or the real one. */
export interface CommandLine {
  readonly kind: 'tserf' | 'serf';
  readonly command: string;
  readonly before: readonly string[];
}

/** Our command line as it was built, on the Node that runs the tests. */
export const tserf: CommandLine = {
  kind: 'tserf',
  command: process.execPath,
  before: [join(root, 'packages', 'cli', 'bin', 'tserf.js')],
};

/** The real Serf that this run is to test against; the runner says which. */
export function serfUnderTest(): CommandLine {
  const path = process.env['SERF_UNDER_TEST'];
  if (!path) {
    throw new Error(
      'SERF_UNDER_TEST names no Serf binary: run `npm test -- --suites=interop`, or set it to the path of one',
    );
  }
  return { kind: 'serf', command: path, before: [] };
}

export function call(line: CommandLine, ...args: readonly string[]): Promise<Finished> {
  return run(line.command, [...line.before, ...args]);
}

export interface AgentSettings {
  readonly node: string;
  /** An address of loopback, such as `[::1]`. Default 127.0.0.1. */
  readonly host?: string;
  readonly gossipPort?: number;
  /** Where the others reach it, when that is not where it is bound. */
  readonly advertise?: string;
  readonly rpcPort?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

export interface ListedMember {
  readonly name: string;
  readonly addr: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** One agent process, of either kind. */
export class Agent {
  readonly line: CommandLine;
  readonly node: string;
  /** Where the others reach it. */
  readonly gossip: string;
  readonly rpc: string;
  readonly process: Running;

  private constructor(
    line: CommandLine,
    node: string,
    gossip: string,
    rpc: string,
    process: Running,
  ) {
    this.line = line;
    this.node = node;
    this.gossip = gossip;
    this.rpc = rpc;
    this.process = process;
  }

  /** Starts an agent on loopback and waits until it says that it runs. */
  static async start(line: CommandLine, settings: AgentSettings): Promise<Agent> {
    const bind = `${settings.host ?? '127.0.0.1'}:${settings.gossipPort ?? (await freePort())}`;
    const rpc = `127.0.0.1:${settings.rpcPort ?? (await freePort())}`;
    const args = [
      ...line.before,
      'agent',
      `-node=${settings.node}`,
      `-bind=${bind}`,
      ...(settings.advertise === undefined ? [] : [`-advertise=${settings.advertise}`]),
      `-rpc-addr=${rpc}`,
      '-log-level=debug',
      ...Object.entries(settings.tags ?? {}).flatMap(([key, value]) => ['-tag', `${key}=${value}`]),
      ...(settings.flags ?? []),
    ];
    const running = new Running(line.command, args, settings.environment);
    const agent = new Agent(line, settings.node, settings.advertise ?? bind, rpc, running);
    await running.printed(/Log data will now stream in/, 30_000);
    return agent;
  }

  /** What this agent's own command line says of the cluster; `by` asks with the other kind's. */
  async members(by: CommandLine = this.line): Promise<ListedMember[]> {
    const answer = await call(by, 'members', '-format=json', `-rpc-addr=${this.rpc}`);
    if (answer.code !== 0)
      throw new Error(`members at ${this.node}: ${answer.stdout}${answer.stderr}`);
    return (JSON.parse(answer.stdout) as { members: ListedMember[] | null }).members ?? [];
  }

  /** Name and status of every member that this agent lists, sorted by name. */
  async statuses(by?: CommandLine): Promise<Record<string, string>> {
    const members = await this.members(by);
    return Object.fromEntries(
      members
        .map(({ name, status }): [string, string] => [name, status])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  join(...others: readonly Agent[]): Promise<Finished> {
    return call(this.line, 'join', `-rpc-addr=${this.rpc}`, ...others.map(({ gossip }) => gossip));
  }

  /** Leaves over RPC and waits for the process to end. */
  async leave(): Promise<number> {
    await call(this.line, 'leave', `-rpc-addr=${this.rpc}`);
    return this.process.exited;
  }

  /** Dies without a word. */
  kill(): Promise<void> {
    return this.process.kill();
  }

  freeze(): void {
    this.process.signal('SIGSTOP');
  }

  thaw(): void {
    this.process.signal('SIGCONT');
  }

  /** Resident memory in MiB. */
  residentMiB(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
  }
}

/** The end of what each agent printed, for the report of a failure: short enough that a log keeps all of it. */
export function lastWords(agents: readonly Agent[], lines = 25): string {
  return agents
    .map(({ node, gossip, process }) => {
      const printed = `${process.stdout}${process.stderr}`.trimEnd().split('\n').slice(-lines);
      return [`--- ${node} at ${gossip} printed last:`, ...printed].join('\n');
    })
    .join('\n');
}
