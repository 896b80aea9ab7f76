import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { here, Lab, there } from './lab.ts';
import { type Block, blocksOf, root } from './pages.ts';
import type { Running } from './processes.ts';

/** By words that stand in one block of the page only. */
type ByBlock<T> = Readonly<Record<string, T>>;

/** A page, and what it leaves to its reader's sense. */
export interface Reading {
  readonly page: string;
  /** Typed before the page begins: what it takes for granted in the reader's folder. */
  readonly given?: string;
  /** Whether an agent runs on the other machine. */
  readonly agentThere?: boolean;
  /** What the page says in words, typed before the block. */
  readonly before?: ByBlock<string>;
  /** What a program prints. One that does not end by itself is interrupted then. */
  readonly prints?: ByBlock<RegExp>;
  /** YAML that a command before it prints; other YAML is a configuration. */
  readonly answers?: readonly string[];
  /** Blocks in which commands may end with another exit code than 0, and why. */
  readonly mayFail?: ByBlock<string>;
  /** Blocks that are not run, or not looked for, and why. */
  readonly left?: ByBlock<string>;
}

/**
 * Reads a page as its reader would: types what stands there, keeps agents in terminals of their own, and looks for the
 * output that the page shows. Ids, times and other numbers may differ.
 */
export async function play(reading: Reading, folder: string): Promise<void> {
  const lab = await Lab.start(folder);
  try {
    await new Player(lab, folder, reading).play();
  } finally {
    await lab.end();
  }
}

/** What keeps its terminal: an agent, or a service. */
const staysInFront = /^(tserf (agent|dev|monitor)|node \S+\/main\.js)\b(?!.*&$)/;

class Player {
  readonly #lab: Lab;
  readonly #folder: string;
  readonly #reading: Reading;
  readonly #blocks: readonly Block[];
  readonly #environment: NodeJS.ProcessEnv;
  readonly #terminal: Terminal;
  /** Those that keep a terminal, by the name of their node. */
  readonly #inFront = new Map<string, Running>();
  /** What was printed to the command or program before. */
  #answer = '';

  constructor(lab: Lab, folder: string, reading: Reading) {
    mkdirSync(join(folder, 'home'));
    for (const name of ['node_modules', 'examples'])
      symlinkSync(join(root, name), join(folder, name));
    this.#lab = lab;
    this.#folder = folder;
    this.#reading = reading;
    this.#blocks = blocksOf(reading.page);
    this.#environment = {
      HOME: join(folder, 'home'),
      PATH: [
        join(root, 'node_modules', '.bin'),
        dirname(process.execPath),
        process.env['PATH'],
      ].join(':'),
    };
    this.#terminal = new Terminal(lab.start(here, ['bash'], this.#environment));
  }

  async play(): Promise<void> {
    const { given, agentThere, before = {}, left = {} } = this.#reading;
    for (const words of Object.keys({ ...before, ...left, ...this.#reading.prints }))
      expect(
        this.#blocks.filter(({ text }) => text.includes(words)),
        words,
      ).toHaveLength(1);

    if (given !== undefined) await this.#terminal.type(given);
    if (agentThere === true) await this.#open('tserf agent -node=seed', there);
    for (const block of this.#blocks) {
      if (about(block, left) !== undefined) continue;
      const words = about(block, before);
      if (words !== undefined) this.#answer = await this.#terminal.type(words);
      try {
        await this.#read(block);
      } catch (error) {
        throw new Error(`${block.page}:${block.line}: ${error}\n${this.#lastWords()}`, {
          cause: error,
        });
      }
    }
  }

  async #read(block: Block): Promise<void> {
    switch (block.language) {
      case 'sh':
        return this.#run(block);
      case 'js':
      case 'ts':
        return this.#runProgram(block);
      case '':
      case 'json':
        return this.#lookFor(block.text);
      case 'yaml':
        if (this.#reading.answers?.some((words) => block.text.includes(words)))
          await this.#lookFor(block.text);
        return;
      default:
        throw new Error(`nobody knows how to read a block of ${block.language}`);
    }
  }

  async #run(block: Block): Promise<void> {
    const mayFail = about(block, this.#reading.mayFail ?? {}) !== undefined;
    let typed = '';
    let before: string | undefined;
    let opened = 0;
    for (const line of block.text.replaceAll('\\\n', ' ').split('\n')) {
      if (!staysInFront.test(line)) {
        typed += `${line}\n`;
        continue;
      }
      await this.#type(typed, mayFail);
      typed = '';
      if (before !== undefined) await this.#interrupt(before);
      before = await this.#open(line, here);
      opened++;
    }
    // Several in one block are there to choose from.
    if (opened > 1 && before !== undefined) await this.#interrupt(before);
    await this.#type(typed, mayFail);
  }

  async #type(text: string, mayFail: boolean): Promise<void> {
    if (text.trim() !== '') this.#answer = await this.#terminal.type(text, mayFail);
  }

  /** Starts what keeps its terminal; whoever has its node's name is interrupted before, as readers have to. */
  async #open(line: string, machine: typeof here | typeof there): Promise<string> {
    const node = /-node=(\S+)|main\.js (\S+)/.exec(line)?.slice(1).join('') ?? '';
    await this.#interrupt(node);
    const running = this.#lab.start(machine, ['bash', '-c', `exec ${line}`], this.#environment);
    this.#inFront.set(node, running);
    this.#answer = '';
    await running.printed(/Log data will now stream in|listens on/, 60_000);
    return node;
  }

  async #interrupt(node: string): Promise<void> {
    const running = this.#inFront.get(node);
    if (running === undefined) return;
    running.signal('SIGINT');
    expect(await running.exited, `exit code of ${running.command}`).toBe(0);
    this.#inFront.delete(node);
  }

  async #runProgram(block: Block): Promise<void> {
    const file = join(this.#folder, `program-${block.line}.mjs`);
    writeFileSync(file, transformSync(block.text, { loader: 'ts', target: 'es2022' }).code);
    const running = this.#lab.start(here, ['node', file], this.#environment);
    const expected = about(block, this.#reading.prints ?? {});
    if (expected !== undefined) {
      await running.printed(expected, 60_000);
      running.signal('SIGINT');
      await running.exited;
    } else expect(await running.exited, running.stderr).toBe(0);
    this.#answer = running.stdout;
  }

  /** In the answer to what was typed before, or else in what is in front. */
  async #lookFor(text: string): Promise<void> {
    const patterns = text.trimEnd().split('\n').map(asPattern);
    await eventually(
      () => {
        const printed = [this.#answer, ...this.#logs()].join('\n');
        for (const pattern of patterns) expect(printed).toMatch(pattern);
      },
      { withinMs: this.#inFront.size > 0 ? 20_000 : 0 },
    );
  }

  #logs(): string[] {
    return [...this.#inFront.values()].map(({ stdout }) => stdout);
  }

  #lastWords(): string {
    return [this.#terminal.printed, ...this.#logs()]
      .map((printed) => printed.split('\n').slice(-25).join('\n'))
      .join('\n-----\n');
  }
}

/** A shell that is typed into, command after command. */
class Terminal {
  readonly #shell: Running;
  #typed = 0;

  constructor(shell: Running) {
    this.#shell = shell;
    // The machine may be busier than a reader's.
    shell.child.stdin?.write('sleep() { command sleep $(($1 * 2)); }\n');
    shell.child.stdin?.write(`exec 2>&1; trap 'echo "exit code $?: $BASH_COMMAND"' ERR\n`);
  }

  get printed(): string {
    return this.#shell.stdout;
  }

  /** Resolves to what was printed, when all of it has run. */
  async type(text: string, mayFail = false): Promise<string> {
    const end = `-- end of typing ${++this.#typed} --`;
    const from = this.#shell.stdout.length;
    this.#shell.child.stdin?.write(`${text}\necho '${end}'\n`);
    await this.#shell.printed(new RegExp(`^${end}$`, 'm'), 120_000);
    const printed = this.#shell.stdout.slice(from).replace(`${end}\n`, '');
    if (!mayFail) expect(printed, text).not.toMatch(/^exit code \d+: /m);
    return printed;
  }
}

function about<T>({ text }: Block, notes: ByBlock<T>): T | undefined {
  return Object.entries(notes).find(([words]) => text.includes(words))?.[1];
}

/** What the page prints, but for numbers, sums and the width of columns. */
function asPattern(line: string): RegExp {
  return new RegExp(
    line
      .trim()
      .replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      .replaceAll(/ and \d+ more/g, '( and \\d+ more)?')
      .replaceAll(/sha256:\w+/g, 'sha256:\\w+')
      .replaceAll(/\d+/g, '\\d+')
      .replaceAll(/\s+/g, '\\s+'),
  );
}
