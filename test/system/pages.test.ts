import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfigFiles } from '@tserf/agent';
import { type CommandEntry, commands } from 'tserf';
import { afterAll, expect, test } from 'vitest';
import { type Block, blocksOf, pages, root } from '../harness/pages.ts';
import { run } from '../harness/processes.ts';

/*
 * What pages show exists: commands and flags, keys of configurations, names and types of programs. That it does what
 * they say is the matter of test/pages.
 */

const folder = mkdtempSync(join(tmpdir(), 'tserf-pages-'));
afterAll(() => rmSync(folder, { recursive: true }));

const blocks = pages.flatMap(blocksOf);
const of = (...languages: readonly string[]) =>
  blocks.filter(({ language }) => languages.includes(language));

test('every command line has a command and flags that exist', async () => {
  const lines = pages.flatMap((page) => commandLines(page));
  expect(lines.length).toBeGreaterThan(100);

  const wrong: string[] = [];
  // `COMMAND` stands for any.
  for (const { page, line } of lines) {
    const problem = line.startsWith('COMMAND ') ? undefined : await problemOf(line);
    if (problem !== undefined) wrong.push(`${page}: ${line}: ${problem}`);
  }
  expect(wrong).toEqual([]);
});

test('so has every example of the help', async () => {
  for (const { name, load } of commands) {
    const command = await load();
    const help = [await command.help()];
    for (const each of command.shape.commands ?? []) help.push(await command.help([each.name]));

    for (const [, line = ''] of help.join('\n').matchAll(/^ +\$ .*?\btserf ([^|>)\n]*)/gm))
      expect(await problemOf(line), `${name}: ${line}`).toBeUndefined();
  }
});

test('the README of the command line has every command', () => {
  const readme = readFileSync(join(root, 'packages/cli/README.md'), 'utf8');
  const named = [...readme.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, names]) => names).join();

  for (const { name } of commands) expect(named).toContain(`\`${name}\``);
});

test('every YAML block is a configuration that an agent takes', async () => {
  const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' });
  const files = [
    ...of('yaml').map((block) => written(block, 'yaml')),
    ...examples
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(root, 'examples', name)),
  ];
  expect(files.length).toBeGreaterThan(6);

  // One by one: they do not belong together.
  for (const file of files) {
    const [report] = await checkConfigFiles([file]);
    expect(report).toEqual({ file, problems: [], warnings: [] });
  }
});

test('every JSON block is JSON', () => {
  for (const { text } of of('json')) expect(() => JSON.parse(text)).not.toThrow();
});

// Those in JavaScript are run: test/system/embedding.test.ts, rpc-page.test.ts. All but one, which goes on with another.
test('every program that is typed, or is not run, passes the compiler', async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const files = of('ts', 'js no-run').map((block) => written(block, 'ts', before(block)));
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
  };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));

  const compiled = await run(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...['-p', folder],
  ]);

  expect(compiled.stdout).toBe('');
  expect(compiled.code).toBe(0);
});

/** What a block that goes on with another one takes from it. */
function before({ language }: Block): string {
  return language === 'js no-run'
    ? "import type { Cluster } from '@tserf/core';\ndeclare const stale: Cluster, newKey: string;\n"
    : '';
}

/** The block as a file that is named after its place, for messages. */
function written({ page, line, text }: Block, extension: string, above = ''): string {
  const file = join(folder, `${page.replaceAll('/', '-')}-${line}.${extension}`);
  writeFileSync(file, above + text);
  return file;
}

interface CommandLine {
  readonly page: string;
  /** What follows the program's name. */
  readonly line: string;
}

/** Of either program, in blocks and in the text; both take the same flags. */
function commandLines(page: string): readonly CommandLine[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll('\\\n', ' ');
  const shell = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  const inText = [...text.matchAll(/`((?:tserf|serf) [^`]*)`/g)].map(([, code]) => code);
  return [...shell, ...inText]
    .join('\n')
    .split(/\n|\$\(|[;&|)]/)
    .flatMap((part) => /^ *(?:until |[A-Z]+=|npx )?(?:tserf|serf) (.*)$/.exec(part)?.[1] ?? [])
    .map((line) => ({ page, line }));
}

/** What is wrong with a command line, if anything. */
async function problemOf(line: string): Promise<string | undefined> {
  if (line.trim() === '--version') return undefined;
  let words: readonly string[] = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  let table: readonly CommandEntry[] = commands;
  let entry: CommandEntry | undefined;
  do {
    entry = table.find(({ name }) => name === words[0]);
    if (entry === undefined) return `no command ${words[0]}`;
    words = words.slice(1);
    table = (await entry.load()).shape.commands ?? [];
  } while (table.length > 0 && words.length > 0);

  const { flags } = (await entry.load()).shape;
  while (words[0]?.startsWith('-') === true) {
    const [, name = '', value] = /^--?([\w-]+)(=.*)?$/.exec(words[0]) ?? [];
    const flag = flags[name];
    if (flag === undefined) return `no flag ${words[0]}`;
    words = words.slice(flag.kind === 'bool' || value !== undefined ? 1 : 2);
  }
  return undefined;
}
