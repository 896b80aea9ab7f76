import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { endAll, Running, run } from '../harness/processes.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tserf-embedding-'));
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
afterEach(endAll);

/** The programs of the page, by the heading that each stands under. */
const programs = [
  ...readFileSync(join(root, 'docs/embedding.md'), 'utf8').matchAll(
    /^## (.*)$|^```js\n([\s\S]*?)^```$/gm,
  ),
].reduce<{ heading: string; found: { heading: string; code: string }[] }>(
  ({ heading, found }, [, title, code]) =>
    code === undefined
      ? { heading: title ?? heading, found }
      : { heading, found: [...found, { heading, code }] },
  { heading: '', found: [] },
).found;

test('the page on embedding has programs', () => {
  expect(programs.length).toBeGreaterThanOrEqual(6);
});

const printed: Readonly<Record<string, RegExp>> = {
  'Start, and stop': /api-1 is alive[\s\S]*api-2 is alive|api-2 is alive[\s\S]*api-1 is alive/,
  Members: /here: web-1 \[\][\s\S]*changed: web-1 \[ '127\.0\.0\.1:\d+' \]/,
  'Events: tell everybody': /deploy at \d+: v1\.2/,
  'Queries: ask everybody': /^api-1: .* over 1m$[\s\S]*answered: 1, early: true/m,
  'Distances: who is near': /^api-1 is \d+\.\d{3} ms away$/m,
  'Restarts and partitions': /\[ 'api-2', 'api-1' \]/,
  'Everything in one loop': /event hello/,
  'Encryption, and a change of keys': /^1 1$/m,
};

test.each(programs)('the program under "$heading" runs as it stands', async ({ heading, code }) => {
  const file = join(home, 'try.mjs');
  writeFileSync(file, code);

  const finished = await run(process.execPath, [file]);

  expect(finished.code, finished.stderr).toBe(0);
  expect(finished.stderr).toBe('');
  expect(finished.stdout).toMatch(printed[heading] ?? /never/);
});

test('the example: two services hear, tell and ask each other, and one that goes is missed by none', async () => {
  const main = join(root, 'examples/embed/main.js');
  const first = new Running(process.execPath, [main, 'api-1', '127.0.0.1:0'], {}, 'pipe');
  const [, address = ''] = await first.printed(/api-1 listens on (\S+)/);
  const second = new Running(process.execPath, [main, 'api-2', '127.0.0.1:0', address], {}, 'pipe');

  await first.printed(/member-join api-2/);
  second.child.stdin?.write('hello\n');
  await first.printed(/said: api-2 says hello/);
  first.child.stdin?.write('load\n');
  await first.printed(/api-1 has \d/);
  await first.printed(/api-2 has \d/);
  second.signal('SIGINT');

  expect(await second.exited).toBe(0);
  await first.printed(/member-leave api-2/);
});
