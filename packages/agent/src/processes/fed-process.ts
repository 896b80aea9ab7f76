import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { after } from '../delay.js';
import type { Program } from './program.js';

/** How long a program that was told that no more comes may take to end. */
const endLimitMs = 1_000;

/** Characters of its output that are kept. */
const saidLimit = 200;

/**
 * A program that runs for as long as the agent wants, and reads from it. It has a group of its own, so that a terminal's
 * Ctrl-C leaves it the time to read the rest; and it does not keep this process running.
 */
export class FedProcess {
  /** Resolves when it is over, with the end of what it said, or why it did not start. Never rejects. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #said = '';

  constructor({ file, args }: Program) {
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#child.unref();
    for (const stream of this.#child.stdio) if (stream instanceof Socket) stream.unref();
    // A program that ends early closes the pipe: the end itself is told by `ended`.
    this.#child.stdin?.on('error', () => {});
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => {
        this.#said = `${this.#said}${text}`.slice(-saidLimit);
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('close', () => resolve(this.#said.trim()));
    });
  }

  /** Bytes that it has not read yet and that wait in this process. */
  get waitingBytes(): number {
    return this.#child.stdin?.writableLength ?? 0;
  }

  write(text: string): void {
    if (this.#child.stdin?.writable) this.#child.stdin.write(text);
  }

  /** Lets it read the rest, but not for ever. Resolves as `ended` does. */
  async end(): Promise<string> {
    this.#child.stdin?.end();
    const limit = after(endLimitMs, () => this.#child.kill('SIGKILL'));
    const said = await this.ended;
    limit.cancel();
    return said;
  }
}
