import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, serfUnderTest, tserf } from '../harness/agents.ts';
import { freePort } from '../harness/ports.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();
const key = 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=';

let folder: string;
let common: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-errors-'));
  await writeFile(join(folder, 'empty'), '');
  await writeFile(join(folder, 'list'), '["x"]');
  await writeFile(join(folder, 'object'), '{"a":1}');
  await writeFile(join(folder, 'no-keys'), '[]');
  common = [`-bind=127.0.0.1:${await freePort()}`, `-rpc-addr=127.0.0.1:${await freePort()}`];
});
afterAll(async () => {
  await endAll();
  await rm(folder, { recursive: true });
});

/** Starts both; `FOLDER` in an argument stands for the folder of the files. */
async function startBoth(args: readonly string[]) {
  const own = [...common, ...args].map((argument) => argument.replace('FOLDER', folder));
  const [theirs, ours] = await Promise.all([
    call(serf, 'agent', ...own),
    call(tserf, 'agent', ...own),
  ]);
  return { theirs, ours };
}

/** Ours may go on with what to do, or where it stands, and say it in another way behind a path. */
function expectSameStart(ours: string, theirs: string): void {
  const expected = theirs.trimEnd().split('\n');
  const lines = ours.trimEnd().split('\n');
  expect(lines).toHaveLength(expected.length);
  for (const [index, line] of expected.entries()) {
    expect(lines[index]?.slice(0, line.length)).toBe(line);
  }
}

const commandLines: readonly (readonly string[])[] = [
  ['-tag=a'],
  ['-tag==b'],
  ['-retry-interval=5'],
  ['-broadcast-timeout=5x'],
  ['-config-file=/nonexistent'],
  ['-config-file='],
  ['-event-handler=foo=x'],
  ['-event-handler=user,=x'],
  ['-iface=nope0'],
  ['-iface=lo', '-bind=127.0.0.2'],
  ['-bind=127.0.0.1:99999'],
  ['-bind=::1'],
  ['-advertise=1.2.3.4.5'],
  ['-log-level=warning'],
  ['-profile=LAN'],
  ['-encrypt=abc'],
  ['-encrypt=YWJj'],
  [`-encrypt=${key}`, '-keyring-file=FOLDER/list'],
  ['-keyring-file=/nonexistent'],
  ['-keyring-file=FOLDER/object'],
  ['-keyring-file=FOLDER/no-keys'],
  ['-keyring-file=FOLDER/list'],
  ['-tags-file=FOLDER/list'],
  ['-tags-file=FOLDER/object'],
  ['-tags-file=FOLDER/empty'],
  ['-tags-file=FOLDER'],
  ['-tags-file=FOLDER/none', '-tag=a=b'],
  ['-tags-file=FOLDER/none', '-role=a'],
  [`-tag=a=${'x'.repeat(600)}`],
  ['-protocol=1'],
  ['-protocol=6'],
  ['-snapshot=/nonexistent/x'],
  ['-rpc-addr=127.0.0.1'],
  ['-rejoin', '-role=a', '-retry-interval=1ms', '-broadcast-timeout=1ms', '-profile=x'],
];

test.each(commandLines)('%s %s: both refuse it alike', async (...args) => {
  const { theirs, ours } = await startBoth(args.filter((argument) => argument !== undefined));

  expect({ code: ours.code, stderr: ours.stderr }).toEqual({ code: theirs.code, stderr: '' });
  expectSameStart(ours.stdout, theirs.stdout);
});

const files: readonly string[] = [
  '{"syslog_facility":"nope","enable_syslog":true}',
  '{"user_event_size_limit":9217}',
  '{"event_handlers":["*=a","foo=x"]}',
  `{"encrypt_key":"${key}","keyring_file":"x"}`,
  '{"tags":{"a":"b"},"tags_file":"x"}',
  '{"retry_interval":"5"}',
  '{"node_name":"a",}',
  '[]',
  '',
  '{"nope":1}',
  '{"node_name":5}',
];

describe('a file of which', () => {
  test.each(files)('%j: both refuse it alike', async (text) => {
    const path = join(folder, 'config.json');
    await writeFile(path, text);

    const { theirs, ours } = await startBoth([`-config-file=${path}`]);

    expect(ours.code).toBe(theirs.code);
    // What is wrong in it is said in other words, behind the same ones.
    const decoding = `==> Error decoding '${path}': `;
    if (theirs.stdout.startsWith(decoding)) expect(ours.stdout).toMatch(decoding);
    else expectSameStart(ours.stdout, theirs.stdout);
  });
});
