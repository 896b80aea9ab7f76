import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { within } from '../delay.js';
import { shell } from './program.js';

/** Descriptors of the four ends of two pipes. Whoever gets them closes them. */
export interface StandardPipes {
  /** The child's standard input, and our end of it, which never blocks. */
  readonly childInput: number;
  readonly input: number;
  /** The child's standard output and error, and our end of them, which never blocks. */
  readonly childOutput: number;
  readonly output: number;
}

/**
 * For each line that it reads, a shell makes two pipes, says which of its processes holds them (as 4 and 5), and keeps
 * them until the next line. Signals from a terminal are not for it: it ends when its input does.
 */
const script = `trap '' INT QUIT TERM HUP
exec 3<&0
while read line <&3; do
  : | { exec 4<&0; : | { exec 5<&0; read pid rest </proc/self/stat; echo "$pid"; read line <&3; }; }
done`;

/** A shell on a busy machine answers in milliseconds; one that takes longer is broken. */
const answerLimitMs = 5_000;

/** After so many failures in a row, such as there being no files left to open, there are sockets for a while. */
const failureLimit = 3;
const restMs = 60_000;

/**
 * Makes real pipes for the standard channels of children. Node itself can only give them sockets, on which scripts
 * cannot open `/dev/stdin` or `/dev/stderr` on Linux, and one for each channel, which loses the order of output and
 * errors. On Linux a process may open another one's pipe through /proc; a small shell makes them, and lives until
 * `close`. Elsewhere there are none, and none are needed: there, those names stand for sockets too.
 */
export class PipeMaker {
  #maker: ChildProcess | undefined;
  #failures = 0;
  #restsUntilMs = process.platform === 'linux' ? 0 : Number.POSITIVE_INFINITY;
  #answered: (line: string) => void = () => {};
  /** One request at a time: an answer doesn't say to which it belongs. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** Undefined where there are none, for whatever reason: then a child gets sockets. */
  make(): Promise<StandardPipes | undefined> {
    const made = this.#last.then(() => this.#make());
    this.#last = made;
    return made;
  }

  close(): void {
    this.#isClosed = true;
    this.#endMaker();
  }

  async #make(): Promise<StandardPipes | undefined> {
    if (this.#isClosed || performance.now() < this.#restsUntilMs) return undefined;
    this.#maker ??= this.#startMaker();
    const holder = await this.#ask();
    const pipes = holder === undefined ? undefined : openPipes(holder);
    if (pipes === undefined) {
      this.#endMaker();
      this.#failures += 1;
      if (this.#failures >= failureLimit) this.#restsUntilMs = performance.now() + restMs;
      return undefined;
    }
    this.#failures = 0;
    this.#maker?.stdin?.write('\n');
    return pipes;
  }

  /** The process that holds two new pipes. */
  async #ask(): Promise<string | undefined> {
    const answer = new Promise<string>((resolve) => {
      this.#answered = resolve;
    });
    this.#maker?.stdin?.write('\n');
    const line = await within(answerLimitMs, answer, '');
    return /^[1-9]\d*\n$/.test(line) ? line.trim() : undefined;
  }

  #startMaker(): ChildProcess {
    const maker = spawn(shell, ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    // One that ended has answered as well: with nothing.
    const failed = () => {
      if (this.#maker !== maker) return;
      this.#maker = undefined;
      this.#answered('');
    };
    maker.on('error', failed).on('exit', failed);
    maker.stdin.on('error', failed);
    maker.stdout.on('error', failed);
    maker.stdout.setEncoding('ascii').on('data', (line: string) => {
      if (this.#maker === maker) this.#answered(line);
    });
    // An idle maker is no reason for a program to go on.
    maker.unref();
    for (const stream of [maker.stdin, maker.stdout]) (stream as unknown as Unreferable).unref();
    return maker;
  }

  #endMaker(): void {
    this.#maker?.stdin?.end();
    this.#maker = undefined;
    this.#answered('');
  }
}

/** Streams of a child are sockets, though their type doesn't say so. */
interface Unreferable {
  unref(): void;
}

function openPipes(holder: string): StandardPipes | undefined {
  const opened: number[] = [];
  const open = (descriptor: number, flags: number): number => {
    const end = openSync(`/proc/${holder}/fd/${descriptor}`, flags);
    opened.push(end);
    // Not without `bigint`: Node's search for modules looks at what the last such call found, and takes a link for
    // settled when that was a pipe. A module that is loaded next through a link would be there twice.
    if (!fstatSync(end, { bigint: true }).isFIFO()) throw new Error('not a pipe');
    return end;
  };
  try {
    return {
      childInput: open(4, constants.O_RDONLY),
      input: open(4, constants.O_WRONLY | constants.O_NONBLOCK),
      output: open(5, constants.O_RDONLY | constants.O_NONBLOCK),
      childOutput: open(5, constants.O_WRONLY),
    };
  } catch {
    for (const end of opened) closeSync(end);
    return undefined;
  }
}
