import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.js';
import { readConfigFiles } from '../../src/config/config-files.js';
import { mergeLayers } from '../../src/config/layers.js';
import type { Settings } from '../../src/config/settings-schema.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-config-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

const read = async (paths: readonly string[]): Promise<Settings> =>
  mergeLayers(await readConfigFiles(paths));

const failure = (paths: readonly string[]): Promise<unknown> =>
  readConfigFiles(paths).catch((error: unknown) => error);

test('files are merged in the order in which they are named', async () => {
  const one = await write('1', '{"bind":"a","start_join":["x"],"tags":{"a":"1"}}');
  const two = await write('2.yaml', 'bind: b\nstart_join: [y]\ntags: {v: 1.10}');

  const settings = await read([one, two]);

  expect(settings).toMatchObject({
    bind: 'b',
    start_join: ['x', 'y'],
    tags: { a: '1', v: '1.10' },
  });
});

test('a directory gives its JSON and YAML files, by the bytes of their names; nothing else, nothing deeper', async () => {
  for (const name of ['9.json', '10.json', 'Z.yml', 'a.json', '.hid.json', 'b.yaml']) {
    const text = name.endsWith('json') ? `{"start_join":["${name}"]}` : `start_join: [${name}]`;
    await write(name, text);
  }
  await write('x.JSON', 'no');
  await write('notes.txt', 'no');
  await mkdir(join(dir, 'sub.json'));

  const settings = await read([dir]);

  expect(settings.start_join).toEqual([
    '.hid.json',
    '10.json',
    '9.json',
    'Z.yml',
    'a.json',
    'b.yaml',
  ]);
});

test('an empty directory is fine', async () => {
  expect(await read([dir])).toEqual({});
});

test('a link to a file is read; a link to a directory is an error', async () => {
  const sub = join(dir, 'sub');
  await mkdir(sub);
  await symlink(await write('real', '{"bind":"a"}'), join(sub, 'f.json'));
  expect(await read([sub])).toEqual({ bind: 'a' });

  await symlink(dir, join(sub, 'l.json'));
  expect(await failure([sub])).toMatchObject({
    message: `Error decoding '${sub}/l.json': read ${sub}/l.json: is a directory`,
  });
});

test.each(['/nonexistent.json', ''])('a path that is not there is named: %j', async (path) => {
  expect(await failure([path])).toEqual(
    new ConfigError(
      'UNREADABLE_FILE',
      `Error reading '${path}': open ${path}: no such file or directory`,
    ),
  );
});

test('one problem is told in one line, with its place', async () => {
  const path = await write('a.json', '{\n  "node_name": 5\n}');
  const problem = `${path}:2:16: 'node_name' must be a text, not the number 5`;

  expect(await failure([path])).toMatchObject({
    code: 'BAD_FILE',
    message: `Error decoding '${path}': ${problem}`,
    problems: [problem],
  });
});

test('several problems are told together', async () => {
  const path = await write('a.yaml', 'node_nme: a\nbind: 5\ntags: [x]');

  expect(await failure([path])).toMatchObject({
    message:
      `Error decoding '${path}': 3 problems:\n` +
      `    ${path}:1:1: 'node_nme' is not a known key, did you mean 'node_name'?\n` +
      `    ${path}:2:7: 'bind' must be a text, not the number 5\n` +
      `    ${path}:3:7: 'tags' must be an object of texts, not a list`,
  });
});

test('a syntax error has its place', async () => {
  const path = await write('a.json', '{"a":1,}');

  expect(await failure([path])).toMatchObject({
    message: `Error decoding '${path}': ${path}:1:8: invalid character '}' looking for beginning of object key string`,
  });
});

test('the first bad file stops the reading', async () => {
  const bad = await write('1.json', '[]');

  expect(await failure([bad, '/nonexistent.json'])).toMatchObject({ code: 'BAD_FILE' });
});

test('a device that never ends is left alone', async () => {
  expect(await failure(['/dev/zero'])).toMatchObject({
    message: "Error reading '/dev/zero': larger than 4194304 bytes",
  });
});

test('a file as large as the limit is read', async () => {
  const path = await write('a.json', '{}'.padEnd(4_194_304));

  expect(await read([path])).toEqual({});
});
