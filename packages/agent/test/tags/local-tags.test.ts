import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tags } from '@tserf/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalTags } from '../../src/tags/local-tags.js';

let dir: string;
let file: string;
let log: string[];
let announced: Tags[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-tags-'));
  file = join(dir, 'tags.json');
  log = [];
  announced = [];
});
afterEach(() => rm(dir, { recursive: true }));

const open = (settings: { tags?: Tags; tagsFile?: string }): Promise<LocalTags> =>
  LocalTags.open({ tags: {}, tagsFile: undefined, protocol: 5, ...settings }, (level, text) =>
    log.push(`${level} ${text}`),
  );
const announce = async (tags: Tags): Promise<void> => void announced.push(tags);

test('without a file, the tags are those of the configuration, and nothing is written', async () => {
  const tags = await open({ tags: { role: 'web', dc: 'east' } });

  await tags.update({ set: { v: '2' }, delete: ['dc', 'nobody'] }, announce);

  expect(tags.current).toEqual({ role: 'web', v: '2' });
  expect(announced).toEqual([{ role: 'web', v: '2' }]);
  expect(log).toEqual([]);
});

test('a name that is deleted and set is set', async () => {
  const tags = await open({ tags: { a: '1' } });

  await tags.update({ set: { a: '2' }, delete: ['a'] }, announce);

  expect(tags.current).toEqual({ a: '2' });
});

test('a file restores the tags, and has each change before the cluster hears of it', async () => {
  await writeFile(file, '{"role":"web","x":"1"}');
  const tags = await open({ tagsFile: file });
  expect(log).toEqual([`INFO agent: Restored 2 tag(s) from ${file}`]);

  await tags.update({ set: { x: '2' }, delete: [] }, async () => {
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ role: 'web', x: '2' });
  });

  expect((await open({ tagsFile: file })).current).toEqual({ role: 'web', x: '2' });
});

test('a file that is not there is made by the first change only', async () => {
  const tags = await open({ tagsFile: file });
  await expect(readFile(file)).rejects.toThrow('ENOENT');

  await tags.update({ set: { a: '1' }, delete: [] }, announce);

  expect(await readFile(file, 'utf8')).toBe('{\n  "a": "1"\n}');
});

test('tags in the configuration and a file exclude each other', async () => {
  await expect(open({ tags: { a: '1' }, tagsFile: file })).rejects.toThrow(
    'Tags config not allowed while using tag files',
  );
});

test('tags that are too long change nothing, and the next start works', async () => {
  const tags = await open({ tagsFile: file });
  await tags.update({ set: { a: '1' }, delete: [] }, announce);

  await expect(tags.update({ set: { b: 'x'.repeat(600) }, delete: [] }, announce)).rejects.toThrow(
    'Encoded length of tags exceeds limit of 512 bytes',
  );

  expect(tags.current).toEqual({ a: '1' });
  expect((await open({ tagsFile: file })).current).toEqual({ a: '1' });
  expect(announced).toHaveLength(1);
});

test('a file that cannot be written refuses the change, with a line', async () => {
  const tags = await open({ tagsFile: join(dir, 'no', 'tags.json') });

  await expect(tags.update({ set: { a: '1' }, delete: [] }, announce)).rejects.toThrow(
    /^Failed to write tags file: open .*no such file or directory$/,
  );

  expect(tags.current).toEqual({});
  expect(announced).toEqual([]);
  expect(log).toEqual([expect.stringMatching(/^ERR agent: Failed to write tags file: open /)]);
});

test('changes that come together are all made, in their order, and none waits for another to be announced', async () => {
  const tags = await open({ tagsFile: file });
  const never = (tags: Tags) => announce(tags).then(() => new Promise<void>(() => {}));

  void tags.update({ set: { a: '1' }, delete: [] }, never);
  void tags.update({ set: { b: '2' }, delete: [] }, never);
  await tags.update({ set: { a: '3' }, delete: [] }, announce);

  expect(announced).toEqual([{ a: '1' }, { a: '1', b: '2' }, { a: '3', b: '2' }]);
});

test('a change that fails does not hold up the next one', async () => {
  const tags = await open({});
  const failed = tags.update({ set: { a: 'x'.repeat(600) }, delete: [] }, announce);

  await tags.update({ set: { a: '1' }, delete: [] }, announce);

  await expect(failed).rejects.toThrow('Encoded length');
  expect(tags.current).toEqual({ a: '1' });
});

test('a reload changes what differs in the configuration, and keeps what was set at run time', async () => {
  const before = { role: 'web', dc: 'east', v: '1' };
  const tags = await open({ tags: before });
  await tags.update({ set: { dc: 'west', run: 'time' }, delete: ['role'] }, announce);

  await tags.reload(before, { role: 'web', dc: 'east', v: '2', new: 'x' }, announce);

  expect(tags.current).toEqual({ dc: 'west', run: 'time', v: '2', new: 'x' });
});

test('a tag that the configuration no longer has is gone, whatever its name', async () => {
  const before = { constructor: '1', b: '2' } as Tags;
  const tags = await open({ tags: before });

  await tags.reload(before, { b: '2' }, announce);

  expect(tags.current).toEqual({ b: '2' });
});
