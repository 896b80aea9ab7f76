import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { blocksOf } from '../harness/pages.ts';
import { endAll, run } from '../harness/processes.ts';

/*
 * The scripts of `tserf completion` in the shell that this run is to test against: what it offers when the tab key is
 * pressed at the end of a command line.
 */

const folder = mkdtempSync(join(tmpdir(), 'tserf-shells-'));
const script = join(folder, 'completion');
let agent: Agent;

beforeAll(async () => {
  // The scripts call `tserf`, which nobody has installed here.
  const program = `#!/bin/sh\nexec '${tserf.command}' '${tserf.before.join("' '")}' "$@"\n`;
  writeFileSync(join(folder, 'tserf'), program, { mode: 0o755 });
  writeFileSync(join(folder, 'deploy.yaml'), '');
  const printed = await call(tserf, 'completion', shellName());
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  writeFileSync(script, printed.stdout);
  agent = await Agent.start(tserf, { node: 'web-1' });
});

afterAll(async () => {
  await endAll();
  rmSync(folder, { recursive: true });
});

test.each([
  ['tserf mem', ['members']],
  ['tserf re', ['reachability']],
  ['tserf members -det', ['-detailed']],
  ['tserf members -format=', ['json', 'text']],
  ['tserf members -format ', ['json', 'text']],
  ['tserf members -format=j', ['json']],
  ['tserf members -detailed -format=j', ['json']],
  ['tserf members -status=', ['alive', 'failed', 'leaving', 'left']],
  ['tserf query -encod', ['-encoding']],
  ['tserf completion ', ['bash', 'fish', 'zsh']],
  ['tserf completion z', ['zsh']],
  ['tserf members -name=', []],
  ['tserf nosuch -', []],
])('%s', async (line, offers) => {
  expect(await offered(line)).toEqual(offers);
});

test('the line of the README sets it up', async () => {
  const [before, after] =
    {
      bash: ['', 'complete -p tserf'],
      zsh: ['autoload -U compinit; compinit -u; ', 'print $_comps[tserf]'],
      fish: ['', 'complete -c tserf'],
    }[shellName()] ?? [];
  const [line] = blocksOf('packages/cli/README.md')
    .flatMap(({ text }) => text.split('\n'))
    .filter((each) => each.includes(`tserf completion ${shellName()}`));

  expect(await askShell(['-c', `${before}${line}\n${after}`])).toContain('tserf');
});

test('every command is offered', async () => {
  const listed = await call(tserf, '-h');
  const commands = [...listed.stderr.matchAll(/^ {4}(\S+) /gm)].map(([, name]) => name);

  expect(commands.length).toBeGreaterThan(15);
  expect(await offered('tserf ')).toEqual(commands);
});

test('files are offered where a file is wanted', async () => {
  expect(await offered(`tserf agent -config-file=${folder}/dep`)).toEqual(['deploy.yaml']);
  expect(await offered(`tserf event -payload-file ${folder}/dep`)).toEqual(['deploy.yaml']);
});

test('names of members come from the agent that the command line names', async () => {
  expect(await offered(`tserf rtt -rpc-addr=${agent.rpc} `)).toEqual(['web-1']);
  expect(await offered(`tserf query -rpc-addr=${agent.rpc} -node=w`)).toEqual(['web-1']);
});

test('without an agent no names are offered, and nothing is said', async () => {
  expect(await offered('tserf rtt -rpc-addr=127.0.0.1:1 ')).toEqual([]);
});

function shellName(): string {
  const shell = process.env['SHELL_UNDER_TEST'];
  if (!shell) {
    throw new Error(
      'SHELL_UNDER_TEST names no shell: run `npm test -- --suites=shells`, or set it to the path of one',
    );
  }
  return basename(shell);
}

/** What the shell offers at the end of `line`: the last parts of the words, sorted, each once. */
async function offered(line: string): Promise<string[]> {
  const ask = { bash: askBash, zsh: askZsh, fish: askFish }[shellName()];
  if (ask === undefined) throw new Error(`no way to ask ${shellName()}`);
  const words = await ask(line);
  // Shells differ in what they repeat of the word that stands there: the flag, the folder, the "=" to come.
  const last = words.map((word) =>
    word
      .replace(/=$/, '')
      .replace(/^-\S+=/, '')
      .replace(/.*\/(?=.)/, ''),
  );
  return [...new Set(last)].sort();
}

async function askShell(args: readonly string[]): Promise<string> {
  const answer = await run(process.env['SHELL_UNDER_TEST'] ?? '', args, {
    PATH: `${folder}:${process.env['PATH']}`,
    HOME: folder,
  });
  expect(answer.stderr).toBe('');
  return answer.stdout;
}

/** Calls the function as bash does, with the line cut up as bash cuts it. */
async function askBash(line: string): Promise<string[]> {
  const words = [...line.matchAll(/[=:]|[^\s=:]+/g)].map(([word]) => word);
  if (line.endsWith(' ')) words.push('');
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const answer = await askShell([
    '-c',
    // What bash has only while it completes.
    `compopt() { :; }; source ${script}; COMP_LINE='${line}' COMP_WORDS=(${quoted}) COMP_CWORD=${words.length - 1}; _tserf; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]);
  return answer.split('\n').filter((word) => word !== '');
}

async function askZsh(line: string): Promise<string[]> {
  const driver = fileURLToPath(new URL('./ask.zsh', import.meta.url));
  const answer = await askShell(['-f', driver, script, line]);
  return [...answer.matchAll(/OFFER<(.*?)>/g)].map(([, word]) => word ?? '');
}

/** It has a command for that; each offer is followed by its description. */
async function askFish(line: string): Promise<string[]> {
  const answer = await askShell(['--no-config', '-c', `source ${script}; complete -C '${line}'`]);
  return answer
    .split('\n')
    .map((row) => row.split('\t')[0] ?? '')
    .filter((word) => word !== '');
}
