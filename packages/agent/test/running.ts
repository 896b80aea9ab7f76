import { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import type { AgentFlags } from '../src/flags.js';
import { runAgent } from '../src/run-agent.js';
import type { AgentSignal } from '../src/signals.js';

/** An agent that runs as a command does, in this process: its output is kept, its signals are ours. */
export class RunningAgent {
  readonly exitCode: Promise<number>;
  stdout = '';
  stderr = '';
  readonly #signals = new EventEmitter();

  constructor(flags: AgentFlags) {
    this.exitCode = runAgent({
      flags,
      stdout: { write: (text) => (this.stdout += text) },
      stderr: { write: (text) => (this.stderr += text) },
      signals: this.#signals,
    });
  }

  signal(name: AgentSignal | 'SIGUSR1'): void {
    this.#signals.emit(name);
  }

  /** How many listeners are left on the signals. */
  get listeners(): number {
    return this.#signals.eventNames().length;
  }

  async until(text: string): Promise<void> {
    await eventually(
      () => this.stdout.includes(text),
      () => `${text} in:\n${this.stdout}`,
    );
  }
}

/** On loopback, with ports of the system's choice, the fast profile, and a name. */
export const local = (node: string): AgentFlags & { node: string } => ({
  node,
  bind: '127.0.0.1:0',
  rpcAddr: '127.0.0.1:0',
  profile: 'local',
});

export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: () => string = () => 'it',
): Promise<void> {
  const limitMs = performance.now() + 15_000;
  while (!(await holds())) {
    if (performance.now() > limitMs) throw new Error(`never came: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A listener that takes connections and never says a word; port and closing are the caller's. */
export async function silentListener(): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port of 127.0.0.1 that was free for TCP a moment ago. */
export async function freePort(): Promise<number> {
  await using listener = await silentListener();
  return listener.port;
}
