import { type ChildProcess, spawn } from 'node:child_process';

/** Everything that a test started and that must be gone when it ends. */
const running = new Set<Running>();

/** A real process with everything that it printed so far. */
export class Running {
  readonly child: ChildProcess;
  readonly command: string;
  stdout = '';
  stderr = '';
  readonly exited: Promise<number>;

  constructor(
    command: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    stdin: 'ignore' | 'pipe' = 'ignore',
  ) {
    this.command = [command, ...args].join(' ');
    this.child = spawn(command, args, {
      stdio: [stdin, 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    running.add(this);
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      // 'close' comes after the last output, 'exit' may come before it.
      this.child.once('close', (code, signal) => {
        running.delete(this);
        resolve(code ?? 128 + (signalNumbers[signal ?? ''] ?? 0));
      });
    });
    this.exited.catch(() => running.delete(this));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.command} did not start`);
    return this.child.pid;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(name: NodeJS.Signals): void {
    if (this.alive) process.kill(this.pid, name);
  }

  /** Waits until `pattern` was printed, on either channel. */
  async printed(pattern: RegExp, withinMs = 20_000): Promise<RegExpExecArray> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const match = pattern.exec(this.stdout + this.stderr);
      if (match) return match;
      if (!this.alive || Date.now() > deadline) {
        throw new Error(
          `${this.command} ${this.alive ? 'runs but' : 'ended and'} did not print ${pattern}:\n${this.stdout}${this.stderr}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async kill(): Promise<void> {
    if (!this.alive) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

const signalNumbers: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function run(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const process = new Running(command, args, environment);
  const code = await process.exited;
  return { code, stdout: process.stdout, stderr: process.stderr };
}

/** For `afterEach`: ends whatever a failed test left behind, and nothing else. */
export async function endAll(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill()));
}
