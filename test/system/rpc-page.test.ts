import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, tserf } from '../harness/agents.ts';
import { endAll, run } from '../harness/processes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = await readFile(join(root, 'docs', 'rpc.md'), 'utf8');
const programs = [...page.matchAll(/^```js\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');

/** What each program of the page prints, in the page's order. */
const printed = [
  /^web-1 127\.0\.0\.1:\d+ alive \{ role: 'web' \}\n1 alive with the role web\nweb-1 knows 1 members/,
  /version: '1\.10'[\s\S]*REFUSED "1 error occurred:.*connection refused\\n\\n"/,
  /^deploy v1\.2 at \d+\n$/,
  /web-1 has it\n[\s\S]*web-1: 0\.75 over 5m\n/,
  /1\/1 nodes reported failure \{[\s\S]*No keyring to modify \(encryption not enabled\)/,
  /^(\d{4}\/.*\n){3}$/,
  /^(|member-join \[ 'web-1' \] 0 gaps so far\n)$/,
  /^\.\.Error\.\.Seq\.[\s\S]*health_score/,
];

let folder = '';
let agent: Agent;
let encrypted: Agent;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tserf-page-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const settings = { node: 'web-1', tags: { role: 'web' } };
  agent = await Agent.start(tserf, settings);
  encrypted = await Agent.start(tserf, {
    ...settings,
    flags: ['-encrypt=T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s='],
  });
});
afterAll(async () => {
  await endAll();
  await rm(folder, { recursive: true });
});

async function execute(program: string, at: Agent) {
  const port = at.rpc.split(':')[1] ?? '';
  const file = join(folder, 'try.mjs');
  await writeFile(file, program.replaceAll('7373', port));
  const { code, stdout, stderr } = await run(process.execPath, [file]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

describe('every program of docs/rpc.md runs', () => {
  test.each(printed.map((expected, index) => ({ number: index + 1, expected })))(
    'number $number',
    async ({ number, expected }) => {
      expect(programs).toHaveLength(printed.length);

      expect(await execute(programs[number - 1] ?? '', agent)).toMatch(expected);
    },
  );

  test('the one about keys, on an encrypted cluster', async () => {
    const program = programs.find((text) => text.includes('KeyError')) ?? '';

    expect(await execute(program, encrypted)).toMatch(/^(\S{6}… on 1 of 1, in use on [01]\n){2}$/);
  });
});
