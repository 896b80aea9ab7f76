import { Readable } from 'node:stream';
import type { Io, Signal } from '../../src/io.js';
import { type MainOptions, main } from '../../src/main.js';

export interface Recording {
  readonly io: Io;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Lets a signal arrive; `false` when nobody listens and the process would die by it. */
  readonly signal: (signal: Signal) => boolean;
  readonly press: (key: string) => void;
}

export interface TerminalOptions {
  readonly env?: Record<string, string>;
  /** Size of the terminal; absent, there is none. */
  readonly size?: { readonly columns: number; readonly rows: number };
  /** What comes by standard input. */
  readonly input?: Uint8Array;
  /** The bytes of the last argument. */
  readonly lastArgument?: Uint8Array;
}

/** A terminal, or a pipe, that remembers what was written. */
export function recordIo(options: TerminalOptions = {}): Recording {
  const { env = {}, size, input = new Uint8Array() } = options;
  const written = { stdout: '', stderr: '' };
  const listeners = new Map<Signal, Set<() => void>>();
  const keyListeners = new Set<(key: string) => void>();
  const sink = (name: 'stdout' | 'stderr') => ({
    write(text: string | Uint8Array) {
      written[name] += Buffer.from(text).toString();
    },
    isTTY: size !== undefined,
    ...size,
  });
  const io: Io = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env,
    onSignal(signal, listener) {
      const set = listeners.get(signal) ?? new Set();
      listeners.set(signal, set.add(listener));
      return () => set.delete(listener);
    },
    outliveOutput: () => {},
    onKey:
      size === undefined
        ? undefined
        : (listener) => {
            keyListeners.add(listener);
            return () => keyListeners.delete(listener);
          },
    input: Readable.from(input.length === 0 ? [] : [input]),
    lastArgument: () => options.lastArgument,
  };
  return {
    io,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    signal(signal) {
      const called = [...(listeners.get(signal) ?? [])];
      for (const listener of called) listener();
      return called.length > 0;
    },
    press(key) {
      for (const listener of keyListeners) listener(key);
    },
  };
}

/** Runs one command line to its end. */
export async function run(
  args: readonly string[],
  options: MainOptions & TerminalOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const recording = recordIo(options);
  const code = await main(args, recording.io, options);
  return { code, stdout: recording.stdout(), stderr: recording.stderr() };
}
