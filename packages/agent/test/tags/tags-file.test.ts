import { chmod, lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatTags, readTagsFile, writeTagsFile } from '../../src/tags/tags-file.js';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-tags-'));
  path = join(dir, 'tags.json');
});
afterEach(() => rm(dir, { recursive: true }));

describe('the bytes', () => {
  test('are those that Serf wrote', async () => {
    const ofSerf = await readFile(new URL('../vectors/tags-file', import.meta.url), 'utf8');

    await writeFile(path, ofSerf);
    const tags = await readTagsFile(path);

    expect(tags).toEqual({ role: 'web', k: 'é' });
    expect(formatTags(tags ?? {})).toBe(ofSerf);
  });

  test.each([
    [{}, '{}'],
    [{ x: '1', role: 'w' }, '{\n  "role": "w",\n  "x": "1"\n}'],
    [{ b: '', 10: 'ten', 9: 'nine' }, '{\n  "10": "ten",\n  "9": "nine",\n  "b": ""\n}'],
    [{ a: '<&>"\\\n' }, '{\n  "a": "\\u003c\\u0026\\u003e\\"\\\\\\n"\n}'],
    [{ '\uffff': '1', '\u{1f600}': '2' }, '{\n  "\uffff": "1",\n  "\u{1f600}": "2"\n}'],
  ])('of %j', (tags, text) => {
    expect(formatTags(tags)).toBe(text);
  });
});

describe('reading', () => {
  test('a file that is not there is no error', async () => {
    expect(await readTagsFile(path)).toBeUndefined();
  });

  test('null says nothing, as in Go', async () => {
    await writeFile(path, 'null');
    expect(await readTagsFile(path)).toEqual({});
  });

  test.each([
    ['', /^Failed to decode tags file: unexpected end of JSON input$/],
    ['{"a":1}', /^Failed to decode tags file: json: cannot unmarshal number .*'a'/],
    ['["a"]', /^Failed to decode tags file: json: cannot unmarshal array/],
    ['{"a":"b"} x', /^Failed to decode tags file: /],
  ])('%j is refused', async (text, message) => {
    await writeFile(path, text);
    await expect(readTagsFile(path)).rejects.toThrow(message);
  });

  test('a tag may have any name', async () => {
    const text = '{\n  "": "a",\n  "__proto__": "b"\n}';
    await writeFile(path, text);

    expect(formatTags((await readTagsFile(path)) ?? {})).toBe(text);
  });

  test('a folder is refused', async () => {
    await expect(readTagsFile(dir)).rejects.toThrow(/^Failed to read tags file: .*is a directory$/);
  });
});

describe('writing', () => {
  test('makes a file for its owner alone', async () => {
    await writeTagsFile(path, { a: '1' });

    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readTagsFile(path)).toEqual({ a: '1' });
  });

  test('keeps the mode of a file that exists, and leaves nothing beside it', async () => {
    await writeFile(path, '{}');
    await chmod(path, 0o664);
    await writeFile(`${path}.new`, 'left by a crash');

    await writeTagsFile(path, { a: '1' });

    expect((await stat(path)).mode & 0o777).toBe(0o664);
    await expect(stat(`${path}.new`)).rejects.toThrow('ENOENT');
  });

  test('through a link writes what it names', async () => {
    const link = join(dir, 'link');
    await writeFile(path, '{}');
    await symlink(path, link);

    await writeTagsFile(link, { a: '1' });

    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readTagsFile(path)).toEqual({ a: '1' });
  });

  test('in a folder that is not there is refused', async () => {
    await expect(writeTagsFile(join(dir, 'no', 'x'), {})).rejects.toThrow(
      `Failed to write tags file: open ${dir}/no/x: no such file or directory`,
    );
  });

  test('over a folder is refused', async () => {
    await expect(writeTagsFile(dir, {})).rejects.toThrow(`open ${dir}: is a directory`);
  });
});
