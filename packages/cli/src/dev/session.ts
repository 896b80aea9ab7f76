import type { MemberRecord } from '@tserf/client';
import { type Io, printLine, type Signal } from '../io.js';
import type { Connect } from '../rpc.js';
import { DevCluster, type StartDevAgent } from './cluster.js';
import { type Display, openPlain, openScreen } from './display.js';
import { devHints } from './hints.js';
import { observe } from './observer.js';
import { choosePaint } from './paint.js';
import { type findPortRows, HOST, type PortRows } from './ports.js';
import { type DevLine, describeEvent, LINES_KEPT } from './state.js';

export interface DevOptions {
  readonly count: number;
  /** Where to look for free ports first. */
  readonly ports: PortRows;
  readonly profile: string;
  /** Lines instead of a screen, on a terminal too. */
  readonly isPlain: boolean;
}

/** What `tserf dev` needs from outside; tests hand in agents that are none. */
export interface DevWorld {
  readonly startAgent: StartDevAgent;
  readonly connect: Connect;
  readonly findPortRows: typeof findPortRows;
}

const END_KEYS: ReadonlySet<string> = new Set(['\x03', '\x04', 'q', 'Q']);
const END_SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** `npm start` passes Ctrl-C on, so that it comes twice; a person who presses it twice needs longer. */
const ECHO_MS = 500;

/** Runs the cluster until somebody ends it; returns the exit code. */
export async function runDev(options: DevOptions, io: Io, world: DevWorld): Promise<number> {
  let ports: PortRows;
  try {
    ports = await world.findPortRows(options.ports, options.count);
  } catch (error) {
    printLine(io.stderr, `Error starting the cluster: ${messageOf(error)}`);
    return 1;
  }
  return new DevSession(options, ports, io, world).run();
}

class DevSession {
  readonly #io: Io;
  readonly #world: DevWorld;
  readonly #cluster: DevCluster;
  readonly #display: Display;
  readonly #portNotes: readonly string[];
  readonly #startedAtMs = performance.now();
  readonly #end = new AbortController();
  #members: readonly MemberRecord[] = [];
  #lines: DevLine[] = [];
  #hasStarted = false;

  constructor(
    { count, ports: wanted, profile, isPlain }: DevOptions,
    ports: PortRows,
    io: Io,
    world: DevWorld,
  ) {
    this.#io = io;
    this.#world = world;
    this.#cluster = new DevCluster({ count, ports, profile }, world.startAgent, () =>
      this.#onChange(),
    );
    const hints = devHints(count, ports, io.env);
    const isScreen = !isPlain && io.stdout.isTTY === true && io.onKey !== undefined;
    this.#display = (isScreen ? openScreen : openPlain)(io, hints, choosePaint(io));
    this.#portNotes = portNotes(wanted, ports);
  }

  async run(): Promise<number> {
    const letGo = this.#listen();
    const watching = observe(
      () => this.#cluster.nodes.find((node) => node.isRunning)?.rpc,
      this.#world.connect,
      {
        onEvent: (event) => {
          const { what, details } = describeEvent(event);
          this.#addLine(what, details);
        },
        onMembers: (members) => {
          this.#members = members;
          this.#show();
        },
      },
      this.#end.signal,
    );
    const clock = setInterval(() => this.#show(), 1_000);
    try {
      this.#addLine('note', `starting ${countText(this.#cluster.nodes.length)} on ${HOST}`);
      for (const note of this.#portNotes) this.#addLine('note', note);
      const failure = await this.#start();
      if (failure === undefined) await this.#ended();
      return await this.#finish(failure);
    } finally {
      clearInterval(clock);
      this.#end.abort();
      this.#display.close();
      letGo();
      await watching;
    }
  }

  /** Starts the agents, unless it is to end before; a failure is returned. */
  async #start(): Promise<string | undefined> {
    const starting = this.#cluster.startAll().then(
      () => {
        this.#hasStarted = true;
        return undefined;
      },
      (error: unknown) => messageOf(error),
    );
    return Promise.race([starting, this.#ended()]);
  }

  async #finish(failure: string | undefined): Promise<number> {
    if (failure === undefined) this.#addLine('note', 'ending: the agents leave');
    await this.#cluster.stopAll();
    this.#end.abort();
    this.#display.close();
    if (failure !== undefined) {
      printLine(this.#io.stderr, `Error starting the cluster: ${failure}`);
      return 1;
    }
    printLine(this.#io.stdout, 'The cluster has ended.');
    return 0;
  }

  /** Resolves when somebody asked for the end. */
  #ended(): Promise<undefined> {
    const { signal } = this.#end;
    return new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined));
    });
  }

  /** Signals and keys. Returns what stops listening. */
  #listen(): () => void {
    const ignored = END_SIGNALS.map((name) => this.#io.onSignal(name, () => end()));
    const ignoreSignals = () => {
      for (const ignore of ignored) ignore();
    };
    const ignoreKeys = this.#io.onKey?.((key) => {
      if (END_KEYS.has(key)) end();
      else if (/^[1-9]$/.test(key)) void this.#toggle(Number(key) - 1);
    });
    const end = () => {
      this.#end.abort();
      // The terminal answers Ctrl-C itself again, for somebody who can't wait.
      ignoreKeys?.();
      setTimeout(ignoreSignals, ECHO_MS).unref();
    };
    return () => {
      ignoreKeys?.();
      ignoreSignals();
    };
  }

  async #toggle(index: number): Promise<void> {
    const node = this.#cluster.nodes[index];
    if (node === undefined) return;
    this.#addLine('note', node.isRunning ? `${node.name} crashes` : `${node.name} starts`);
    try {
      await this.#cluster.toggle(index);
    } catch (error) {
      this.#addLine('error', `${node.name}: ${messageOf(error)}`);
    }
  }

  #onChange(): void {
    this.#show();
    // Without a keyboard nobody could start them again.
    const isOver = this.#hasStarted && !this.#cluster.nodes.some((node) => node.isRunning);
    if (isOver && this.#io.onKey === undefined) this.#end.abort();
  }

  #addLine(what: string, details: string): void {
    const line = { time: new Date().toTimeString().slice(0, 8), what, details };
    this.#lines = [...this.#lines, line].slice(-LINES_KEPT);
    this.#show(line);
  }

  #show(line?: DevLine): void {
    const state = {
      nodes: this.#cluster.nodes,
      members: this.#members,
      lines: this.#lines,
      upSeconds: (performance.now() - this.#startedAtMs) / 1_000,
    };
    this.#display.update(state, line);
  }
}

function countText(count: number): string {
  return count === 1 ? 'an agent' : `${count} agents`;
}

/** What to say of rows of ports that are not the usual ones. */
function portNotes(wanted: PortRows, found: PortRows): string[] {
  const kinds = [
    ['gossip', wanted.gossip, found.gossip],
    ['RPC', wanted.rpc, found.rpc],
  ] as const;
  return kinds
    .filter(([, from, to]) => from !== to)
    .map(([kind, from, to]) => `${kind} ports start at ${to}: some from ${from} are in use`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
