import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkConfigFiles } from '../../src/config/check-files.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-check-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

test('every file has its report, and a bad one does not hide the next', async () => {
  const good = await write('good.yaml', 'tags: { version: 1.10 }');
  const bad = await write('bad.yaml', 'bind: 1\nprofil: lan');
  const missing = join(dir, 'missing');

  expect(await checkConfigFiles([missing, bad, good])).toEqual([
    {
      file: missing,
      problems: [`Error reading '${missing}': open ${missing}: no such file or directory`],
      warnings: [],
    },
    {
      file: bad,
      problems: [
        `${bad}:1:7: 'bind' must be a text, not the number 1`,
        `${bad}:2:1: 'profil' is not a known key, did you mean 'profile'?`,
      ],
      warnings: [],
    },
    { file: good, problems: [], warnings: [] },
  ]);
});

test('all that is wrong with the values is told, not the first thing alone', async () => {
  const file = await write('a.yaml', 'log_level: x\nprofile: y\nprotocol: 9');

  const [report] = await checkConfigFiles([file]);

  expect(report?.problems.map((line) => line.slice(0, `${file}:1:1`.length))).toEqual([
    `${file}:1:1`,
    `${file}:2:1`,
    `${file}:3:1`,
  ]);
});

test('tags that the protocol does not carry are not too long', async () => {
  const tags = `tags: { a: ${'x'.repeat(600)} }`;
  const now = await write('now.yaml', tags);
  const old = await write('old.yaml', `${tags}\nprotocol: 2`);

  expect((await checkConfigFiles([now]))[0]?.problems).toHaveLength(1);
  expect((await checkConfigFiles([old]))[0]?.problems).toEqual([]);
});

test('files that are fine alone can be wrong together', async () => {
  const tags = await write('1.yaml', 'tags: { role: web }');
  const file = await write('2.yaml', 'tags_file: tags.json');

  expect((await checkConfigFiles([tags])).flatMap(({ problems }) => problems)).toEqual([]);
  expect((await checkConfigFiles([file])).flatMap(({ problems }) => problems)).toEqual([]);
  expect((await checkConfigFiles([tags, file])).map(({ problems }) => problems)).toEqual([
    [],
    [expect.stringMatching(/2\.yaml:1:1: Tags config not allowed while using tag files/)],
  ]);
});

test('of a directory, each file is looked at', async () => {
  await mkdir(join(dir, 'sub'));
  await write('a.json', '{}');
  await write('b.txt', 'no');
  await write('c.yml', 'role: web');

  expect(await checkConfigFiles([dir])).toEqual([
    { file: join(dir, 'a.json'), problems: [], warnings: [] },
    {
      file: join(dir, 'c.yml'),
      problems: [],
      warnings: [
        `${join(dir, 'c.yml')}: Deprecation warning: 'Role' has been replaced with 'Tags'`,
      ],
    },
  ]);
});

test('what only one machine knows is not looked at', async () => {
  const file = await write(
    'a.yaml',
    'interface: nope0\nbind: nowhere.invalid\nkeyring_file: /nonexistent\nsnapshot_path: /nonexistent/x',
  );

  expect(await checkConfigFiles([file])).toEqual([{ file, problems: [], warnings: [] }]);
});
