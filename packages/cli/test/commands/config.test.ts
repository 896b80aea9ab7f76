import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../support/terminal.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-config-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

describe('config check', () => {
  test('names the files that are fine', async () => {
    const one = await write('1.yaml', 'bind: 10.0.0.5');
    const two = await write('2.json', '{}');

    expect(await run(['config', 'check', one, two])).toEqual({
      code: 0,
      stdout: `${one}: ok\n${two}: ok\n`,
      stderr: '',
    });
  });

  test('tells mistakes on stderr, and what is fine on stdout', async () => {
    const good = await write('1.yaml', 'retry_interval: 10ms');
    const bad = await write('2.yaml', 'bind: 5');

    expect(await run(['config', 'check', good, bad])).toEqual({
      code: 1,
      stdout: `${good}: ok\n`,
      stderr:
        `${good}: Warning: 'RetryInterval' is too low. Setting to 1s\n` +
        `${bad}:1:7: 'bind' must be a text, not the number 5\n`,
    });
  });

  test('wants a file', async () => {
    const { code, stdout, stderr } = await run(['config', 'check']);

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^Error: config check: no file is named\n\nUsage: tserf config check file/,
    );
  });

  test('says that a directory holds none', async () => {
    expect(await run(['config', 'check', dir])).toEqual({
      code: 0,
      stdout: `${dir}: no configuration files there\n`,
      stderr: '',
    });
  });
});

describe('config show', () => {
  test('takes the flags of the agent, and files behind them', async () => {
    const file = await write('a.yaml', 'bind: 127.0.0.1\nrpc_auth: hush');

    const shown = await run(['config', 'show', '-tag', 'role=web', '-profile=wan', file]);

    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain('tags:\n  role: web # -tag\n');
    expect(shown.stdout).toContain(`bind: 127.0.0.1:7946 # ${file}:1:1\n`);
    expect(shown.stdout).toContain('profile: wan # -profile\n');
    expect(shown.stdout).not.toContain('hush');
  });

  test('writes JSON, and secrets to who asks for them', async () => {
    const { stdout } = await run([
      ...['config', 'show', '-format=json', '-show-secrets', '-rpc-auth=hush'],
    ]);

    expect(JSON.parse(stdout)).toMatchObject({
      settings: { rpc_auth: 'hush' },
      origins: { rpc_auth: '-rpc-auth' },
    });
  });

  test('keeps warnings out of the output', async () => {
    const { code, stderr } = await run(['config', 'show', '-role=web']);

    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "Deprecation warning: 'Role' has been replaced with 'Tags'\n",
    });
  });

  test.each([
    [['-format=yml'], 'Error: -format must be yaml or json, not "yml"\n'],
    [['a.yaml', '-tag=x=y'], 'Error: options go before files: -tag=x=y\n'],
    [['-profile=x'], 'Unknown profile: x (choose lan, wan or local)\n'],
    [
      ['/nonexistent'],
      "Error reading '/nonexistent': open /nonexistent: no such file or directory\n",
    ],
  ])('%j is refused on stderr', async (args, stderr) => {
    expect(await run(['config', 'show', ...args])).toEqual({ code: 1, stdout: '', stderr });
  });

  test('tells all that is wrong in a file', async () => {
    const file = await write('a.yaml', 'bind: 5\nprofil: lan');

    expect(await run(['config', 'show', file])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `${file}:1:7: 'bind' must be a text, not the number 5\n` +
        `${file}:2:1: 'profil' is not a known key, did you mean 'profile'?\n`,
    });
  });
});

test('config schema prints the schema for editors', async () => {
  const { code, stdout } = await run(['config', 'schema']);

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    properties: { node_name: {}, handlers: {} },
    additionalProperties: false,
  });
});
