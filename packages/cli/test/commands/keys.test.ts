import { describe, expect, test } from 'vitest';
import { type FakeAgentOptions, fakeAgent } from '../support/fake-agent.js';
import { run } from '../support/terminal.js';

async function keys(args: readonly string[], options: FakeAgentOptions = {}) {
  const agent = fakeAgent(options);
  const result = await run(['keys', ...args], { connect: agent.connect });
  return { ...result, calls: agent.calls };
}

test.each([
  ['-install=K', 'installKey', 'Installing key on all members...', 'Successfully installed key!'],
  [
    '-use=K',
    'useKey',
    'Changing primary key on all members...',
    'Successfully changed primary key!',
  ],
  ['-remove=K', 'removeKey', 'Removing key on all members...', 'Successfully removed key!'],
])('%s says what it does and that it is done', async (flag, request, start, success) => {
  expect(await keys([flag])).toEqual({
    code: 0,
    stdout: `==> ${start}\n==> ${success}\n`,
    stderr: '',
    calls: [[request, 'K']],
  });
});

describe('-list', () => {
  const keyReport = { numNodes: 3, numResponses: 3, keys: { 'b+/=': 3, 'aXY=': 2 } };

  test('shows each key with the number of members that have it', async () => {
    expect((await keys(['-list'], { keyReport })).stdout).toBe(
      '==> Asking all members for installed keys...\n==> Keys gathered, listing cluster keys...\n\naXY=  [2/3]\nb+/=  [3/3]\n',
    );
  });

  test('as JSON shows the primary keys too, where the agent tells them', async () => {
    const report = { ...keyReport, primaryKeys: { 'b+/=': 3 } };

    const { stdout } = await keys(['-list', '-format=json'], { keyReport: report });

    expect(JSON.parse(stdout)).toEqual({
      nodes: 3,
      keys: { 'aXY=': 2, 'b+/=': 3 },
      primary: { 'b+/=': 3 },
      messages: {},
    });
  });

  test('what members remark on goes beside the output that scripts read', async () => {
    const messages = { n1: 'truncated key list response, showing first 17 of 20 keys' };

    const { code, stdout, stderr } = await keys(['-list'], {
      keyReport: { ...keyReport, messages },
    });

    expect(code).toBe(0);
    expect(stdout).not.toContain('truncated');
    expect(stderr).toBe('Note: n1: truncated key list response, showing first 17 of 20 keys\n');
  });
});

describe('a failure', () => {
  test('names the members that have something against it', async () => {
    const keyReport = {
      messages: { p10: 'requested key is not in the keyring', p1: 'Keyring \x1b[2J' },
    };

    const { code, stdout } = await keys(['-use=K'], {
      keyReport,
      refuse: { useKey: '2/3 nodes reported failure' },
    });

    expect(code).toBe(1);
    expect(stdout).toBe(
      '==> Changing primary key on all members...\nfailed:  p1   Keyring \\x1b[2J\nfailed:  p10  requested key is not in the keyring\n\nError changing primary key: 2/3 nodes reported failure\n',
    );
  });

  test('of silent members has no rows', async () => {
    const refuse = { listKeys: '2/3 nodes reported success' };

    expect((await keys(['-list'], { refuse })).stdout).toBe(
      '==> Asking all members for installed keys...\n\nFailed to gather member keys: 2/3 nodes reported success\n',
    );
  });

  test('as JSON is the error alone', async () => {
    const refuse = { listKeys: '2/3 nodes reported success' };

    expect((await keys(['-list', '-format=json'], { refuse })).stdout).toBe(
      'Failed to gather member keys: 2/3 nodes reported success\n',
    );
  });
});

test.each([[[]], [['-use=']], [['-list=false']], [['-format=json']]])(
  '%j asks for nothing, and gets the help',
  async (args) => {
    const { code, stdout, calls } = await keys(args);

    expect(code).toBe(1);
    expect(stdout).toMatch(/^Usage: tserf keys \[options\]\n/);
    expect(calls).toEqual([]);
  },
);

test('one thing at a time', async () => {
  expect(await keys(['-list', '-use=K'])).toEqual({
    code: 1,
    stdout: 'Only one of -install, -use, -remove, or -list allowed\n',
    stderr: '',
    calls: [],
  });
});
