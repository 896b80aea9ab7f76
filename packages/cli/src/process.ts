import { readFileSync } from 'node:fs';
import type { Io } from './io.js';
import { main } from './main.js';

/** What a shell reports for a program that SIGPIPE ended, as it ends Go programs. */
const BROKEN_PIPE = 128 + 13;

/** Runs this process's own command line and sets its exit code. */
export async function runProcess(): Promise<void> {
  let mustWrite = true;
  // Node's own streams go on after an error: what is written later, when there is room again, arrives.
  const endBy = (error: NodeJS.ErrnoException, isAnswer: boolean) => {
    // `tserf members | head -1` closes the pipe early: the reader has what it wanted.
    if (error.code === 'EPIPE') process.exit(BROKEN_PIPE);
    if (isAnswer && mustWrite) process.exit(1);
  };
  process.stdout.on('error', (error) => endBy(error, true));
  process.stderr.on('error', (error) => endBy(error, false));
  try {
    process.exitCode = await main(
      process.argv.slice(2),
      processIo(() => {
        mustWrite = false;
      }),
    );
  } catch (error) {
    process.stderr.write(
      `Error executing CLI: ${error instanceof Error ? error.message : error}\n`,
    );
    process.exitCode = 1;
  }
}

function processIo(outliveOutput: () => void): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onSignal(signal, listener) {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    outliveOutput,
    // A getter: even touching `process.stdin` opens it, and most commands never read.
    get onKey() {
      return process.stdin.isTTY ? readKeys : undefined;
    },
    get input() {
      return process.stdin;
    },
    lastArgument,
  };
}

function readKeys(listener: (key: string) => void): () => void {
  const { stdin } = process;
  const onData = (chunk: string) => {
    for (const key of chunk) listener(key);
  };
  stdin.setRawMode(true).setEncoding('utf8').on('data', onData).resume();
  return () => {
    stdin.off('data', onData).setRawMode(false).pause();
  };
}

/** Node hands arguments over as text; Linux keeps their bytes, each ended by a zero, in a file. */
function lastArgument(): Uint8Array | undefined {
  let line: Buffer;
  try {
    line = readFileSync('/proc/self/cmdline');
  } catch {
    return undefined;
  }
  if (line.at(-1) !== 0) return undefined;
  const body = line.subarray(0, -1);
  return body.subarray(body.lastIndexOf(0) + 1);
}
