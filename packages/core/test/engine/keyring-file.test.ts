import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKeyringFile } from '../../src/engine/keyring-file.js';
import { encodeKeyText } from '../../src/wire/key-text.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tserf-keyring-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(content: string): Promise<string> {
  const path = join(folder, 'keyring');
  await writeFile(path, content);
  return path;
}

const first = new Uint8Array(16).fill(1);
const second = new Uint8Array(32).fill(2);
const jsonOf = (...keys: Uint8Array[]) => JSON.stringify(keys.map(encodeKeyText));

test('the first key is the primary, lengths may differ, repeated keys count once', async () => {
  const path = await fileOf(jsonOf(second, first, second));

  expect(await readKeyringFile(path)).toEqual({ keys: [second, first], count: 3 });
});

// As a real Serf refuses the same files, behind `Failed to setup the Serf agent: `.
test.each([
  [
    '{}',
    'Failed to decode keyring file: json: cannot unmarshal object into Go value of type []string',
  ],
  [
    '[5]',
    'Failed to decode keyring file: json: cannot unmarshal number into Go value of type string',
  ],
  ['', 'Failed to decode keyring file: unexpected end of JSON input'],
  ['[]', 'Keyring file contains no keys'],
  ['null', 'Keyring file contains no keys'],
  ['["abc"]', 'Failed to decode key from keyring: illegal base64 data at input byte 0'],
  ['["aGFsbG8="]', 'Failed to restore keyring: key size must be 16, 24 or 32 bytes'],
  [
    `["${encodeKeyText(first)}","aGFsbG8="]`,
    'Failed to restore keyring: key size must be 16, 24 or 32 bytes',
  ],
  ['[""]', 'Failed to restore keyring: empty primary key not allowed'],
])('a file that holds %s says what is wrong with it', async (content, message) => {
  await expect(readKeyringFile(await fileOf(content))).rejects.toThrow(
    new RegExp(`^${escaped(message)}$`),
  );
});

test('a file that is no JSON names the reader’s complaint', async () => {
  await expect(readKeyringFile(await fileOf('nope'))).rejects.toThrow(
    /^Failed to decode keyring file: unexpected token/,
  );
});

test('a missing file, a folder and a file without end are told apart', async () => {
  await expect(readKeyringFile('/no/such/file')).rejects.toThrow(
    'stat /no/such/file: no such file or directory',
  );
  await expect(readKeyringFile(folder)).rejects.toThrow(
    `Failed to read keyring file: read ${folder}: is a directory`,
  );
  const large = await fileOf(' '.repeat(1024 * 1024 + 1));
  await expect(readKeyringFile(large)).rejects.toThrow(/1048577 bytes, at most/);
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
