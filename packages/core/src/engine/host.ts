import { Worker } from 'node:worker_threads';
import type { EngineCommand, EngineNotice } from './protocol.js';

/** The application's end of the line. */
export interface EngineHost {
  send(command: EngineCommand): void;
  /** Ends the engine's thread, at once; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface HostListener {
  notices(batch: readonly EngineNotice[]): void;
  /** The engine's thread ended, with its cause, or without one when it was told to. */
  ended(cause: Error | undefined): void;
}

/** Runs an engine in a thread of its own, so that a busy application does not make this node look dead. */
export function workerHost(listener: HostListener): EngineHost {
  const worker = new Worker(new URL('./engine.worker.js', import.meta.url), {
    name: 'tserf-engine',
    ...inheritedArguments(),
  });
  let cause: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      resolve();
      listener.ended(cause ?? (code === 0 ? undefined : new Error(`its thread ended (${code})`)));
    });
  });
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('messageerror', (error) => {
    cause = error;
    void worker.terminate();
  });
  worker.on('message', (batch: readonly EngineNotice[]) => {
    listener.notices(batch);
    worker.postMessage([{ type: 'received' }] satisfies EngineCommand[]);
  });

  return {
    send: (command) => worker.postMessage([command]),
    stop: async () => {
      await worker.terminate();
      await ended;
    },
  };
}

/**
 * A thread inherits its parent's Node options, which is wanted (loaders, inspectors) but for the one that says what
 * kind of text came with `-e` or on standard input: a thread with it refuses to load a file.
 */
function inheritedArguments(): { execArgv?: string[] } {
  const { execArgv } = process;
  const kept = execArgv.filter((argument) => !argument.startsWith('--input-type'));
  return kept.length === execArgv.length ? {} : { execArgv: kept };
}

/** Runs an engine in the application's own thread: less memory, and every stall of the application is its own. */
export function inlineHost(listener: HostListener): EngineHost {
  let isEnded = false;
  const end = (cause: Error | undefined): void => {
    if (isEnded) return;
    isEnded = true;
    listener.ended(cause);
  };
  // Loaded when it is wanted: with a thread, this side never needs the engine's code.
  const starting = import('./serve.js').then(({ EngineServer }) => {
    const server = new EngineServer({
      post: (batch) => {
        listener.notices(batch);
        server.receive([{ type: 'received' }]);
      },
      close: () => end(undefined),
    });
    return server;
  });
  const fail = (error: unknown): void =>
    end(error instanceof Error ? error : new Error(String(error)));
  starting.catch(fail);
  return {
    send: (command) => {
      starting.then((server) => server.receive([command])).catch(fail);
    },
    stop: async () => undefined,
  };
}
