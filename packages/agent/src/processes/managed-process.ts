import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { systemErrorText } from '@tserf/core';
import { after, type Timer } from '../delay.js';
import { OutputTail } from './output-tail.js';
import type { PipeMaker, StandardPipes } from './pipe-maker.js';
import { endGroup } from './process-group.js';
import { type Program, shell, withOneOutput } from './program.js';

export interface ProcessOptions {
  readonly program: Program;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Everything that the process can read. */
  readonly input: Uint8Array;
  /** Of standard output and error together, this much of the end is kept. */
  readonly outputLimitBytes: number;
  /**
   * `shared`: the process belongs to this one's group, so that a terminal's Ctrl-C reaches it too, and is over when
   * its output is closed by all who hold it. `own`: it has a group of its own, and is over when it has exited; what it
   * leaves behind in its group is ended.
   */
  readonly group: 'shared' | 'own';
  /** From the start on; then the process gets a group of its own, all of which is ended. */
  readonly timeoutMs?: number | undefined;
}

/** How a process ended. */
export type ProcessEnd =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly type: 'timed out'; readonly afterMs: number }
  | { readonly type: 'not started'; readonly reason: string }
  /** It may go on; nobody listens any more. */
  | { readonly type: 'abandoned' };

export interface ProcessResult {
  readonly end: ProcessEnd;
  /** The end of what was written to standard output and error, in the order in which it was written. */
  readonly output: Uint8Array;
  /** How much was written altogether. */
  readonly writtenBytes: number;
  /** Why its input could not be handed over, such as `broken pipe`: it ended, or closed it, without reading. */
  readonly inputError: string | undefined;
}

/** After the exit, what is still in the pipe is read; whoever holds it open longer is not waited for. */
const drainMs = 250;

/** Between SIGTERM and SIGKILL. */
const graceMs = 2_000;

/** A process that even SIGKILL does not end, as its system call doesn't return, is given up. */
const giveUpMs = 5_000;

/**
 * One child process that does a job. It is the only way by which the agent starts any (one that is fed for ever is a
 * `FedProcess`): here it is settled what becomes of its input, of its output, and of what it starts itself.
 */
export class ManagedProcess {
  /** Never rejects. */
  readonly result: Promise<ProcessResult>;
  readonly #options: ProcessOptions;
  readonly #tail: OutputTail;
  readonly #streams: (Readable | Writable)[] = [];
  readonly #timers: Timer[] = [];
  #settle: (result: ProcessResult) => void = () => {};
  #child: ChildProcess | undefined;
  #exit: ProcessEnd | undefined;
  /** Why it is ended before its time. */
  #ending: ProcessEnd | undefined;
  #openOutputs = 0;
  #inputError: string | undefined;
  #isSettled = false;
  #leftovers: Promise<void> | undefined;

  constructor(options: ProcessOptions, pipes: PipeMaker) {
    this.#options = options;
    this.#tail = new OutputTail(options.outputLimitBytes);
    this.result = new Promise((resolve) => {
      this.#settle = resolve;
    });
    void pipes.make().then((made) => this.#start(made));
  }

  /** Ends it and all of its group; resolves when they are gone. Not for a process in the shared group. */
  async stop(): Promise<void> {
    this.#end({ type: 'signalled', signal: 'SIGTERM' });
    await this.result;
    await this.#leftovers;
  }

  /** Lets it go on by itself: its output goes nowhere, and it does not keep this program running. */
  abandon(): void {
    this.#child?.unref();
    this.#finish({ type: 'abandoned' });
  }

  #start(pipes: StandardPipes | undefined): void {
    if (this.#isSettled) {
      for (const descriptor of Object.values(pipes ?? {})) closeSync(descriptor);
      return;
    }
    try {
      this.#child = pipes === undefined ? this.#spawnWithSockets() : this.#spawnWithPipes(pipes);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('exit', (code, signal) => {
      this.#exited(
        signal === null ? { type: 'exited', code: code ?? 0 } : { type: 'signalled', signal },
      );
    });
    const { timeoutMs } = this.#options;
    if (timeoutMs === undefined) return;
    this.#later(timeoutMs, () => this.#end({ type: 'timed out', afterMs: timeoutMs }));
  }

  #spawnWithPipes(pipes: StandardPipes): ChildProcess {
    const { childInput, input, childOutput, output } = pipes;
    try {
      const child = this.#spawn(this.#options.program, [childInput, childOutput, childOutput]);
      this.#write(new Socket({ fd: input, readable: false, writable: true }));
      this.#read(new Socket({ fd: output, readable: true, writable: false }));
      return child;
    } catch (error) {
      closeSync(input);
      closeSync(output);
      throw error;
    } finally {
      closeSync(childInput);
      closeSync(childOutput);
    }
  }

  #spawnWithSockets(): ChildProcess {
    const { program } = this.#options;
    // Nothing makes one output of two on Windows, nor in an image without a shell: there they lose their order.
    const child = existsSync(shell)
      ? this.#spawn(withOneOutput(program), ['pipe', 'pipe', 'ignore'])
      : this.#spawn(program, ['pipe', 'pipe', 'pipe']);
    if (child.stdin !== null) this.#write(child.stdin);
    if (child.stdout !== null) this.#read(child.stdout);
    if (child.stderr !== null) this.#read(child.stderr);
    return child;
  }

  #spawn({ file, args }: Program, stdio: SpawnOptions['stdio']): ChildProcess {
    const { environment: env } = this.#options;
    return spawn(file, args, { stdio, env, detached: this.#hasOwnGroup, windowsHide: true });
  }

  get #hasOwnGroup(): boolean {
    const { group, timeoutMs } = this.#options;
    return process.platform !== 'win32' && (group === 'own' || timeoutMs !== undefined);
  }

  #write(stream: Writable): void {
    this.#streams.push(stream);
    stream.on('error', (error) => {
      this.#inputError = systemErrorText(error);
    });
    stream.end(this.#options.input);
  }

  #read(stream: Readable): void {
    this.#streams.push(stream);
    this.#openOutputs += 1;
    stream.on('error', () => {});
    stream.on('data', (chunk: Uint8Array) => this.#tail.add(chunk));
    stream.on('close', () => {
      this.#openOutputs -= 1;
      this.#finishWhenOver();
    });
  }

  #exited(end: ProcessEnd): void {
    this.#exit = end;
    this.#finishWhenOver();
    if (this.#options.group === 'shared' && this.#ending === undefined) return;
    // A turn for reading after the delay: a timer of a busy program may come before what was written long ago.
    this.#later(drainMs, () => setImmediate(() => this.#finish(end)));
  }

  #finishWhenOver(): void {
    if (this.#exit !== undefined && this.#openOutputs === 0) this.#finish(this.#exit);
  }

  #fail(error: unknown): void {
    // The same event tells of a signal that could not be sent; the exit tells of the process then.
    if (this.#child?.pid !== undefined) return;
    const reason = hasZeroByte(this.#options.environment)
      ? 'environment variable contains NUL'
      : systemErrorText(error);
    this.#finish({ type: 'not started', reason });
  }

  /** Before its time. */
  #end(reason: ProcessEnd): void {
    if (this.#isSettled || this.#ending !== undefined) return;
    this.#ending = reason;
    const pid = this.#child?.pid;
    if (pid === undefined) {
      this.#finish(reason);
      return;
    }
    this.#leftovers = endGroup(pid, graceMs);
    this.#later(graceMs + giveUpMs, () => this.#finish(reason));
    if (this.#exit !== undefined) this.#exited(this.#exit);
  }

  #finish(end: ProcessEnd): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    for (const timer of this.#timers) timer.cancel();
    for (const stream of this.#streams) stream.destroy();
    const pid = this.#child?.pid;
    if (this.#options.group === 'own' && pid !== undefined)
      this.#leftovers ??= endGroup(pid, graceMs);
    this.#settle({
      end: end.type === 'abandoned' ? end : (this.#ending ?? end),
      output: this.#tail.bytes(),
      writtenBytes: this.#tail.writtenBytes,
      inputError: this.#inputError,
    });
  }

  #later(delayMs: number, run: () => void): void {
    this.#timers.push(after(delayMs, run));
  }
}

/** No system passes such a text on. Node says so in a way that shows the value, and by the place in its own call. */
function hasZeroByte(environment: ProcessOptions['environment']): boolean {
  return Object.values(environment).some((value) => value?.includes('\0') === true);
}
