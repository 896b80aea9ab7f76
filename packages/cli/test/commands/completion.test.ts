import { RpcError } from '@tserf/client';
import { describe, expect, test } from 'vitest';
import { defineCommand, defineCommandGroup, text } from '../../src/index.js';
import { fakeAgent, member } from '../support/fake-agent.js';
import { run } from '../support/terminal.js';

/* What the scripts do in the shells themselves is tested there, in test/shells. */

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  const check = defineCommand({
    usage: 'config check [options] file ...',
    description: [],
    argument: 'file',
    flags: { as: text('NAME', "It's a name: [any].", undefined, ['one', 'two']) },
    examples: [],
    run: async () => 0,
  });
  const config = {
    name: 'config',
    synopsis: 'Looks at files',
    load: async () =>
      defineCommandGroup({
        name: 'config',
        description: [],
        commands: [{ name: 'check', synopsis: "Checks a node's files", load: async () => check }],
      }),
  };

  test('knows the commands of groups, their flags and values', async () => {
    const { commands } = await import('../../src/commands.js');

    const { code, stdout, stderr } = await run(['completion', shell], {
      commands: [...commands, config],
    });

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of ['config', 'check', 'one two', 'force-leave', 'rpc-timeout']) {
      expect(stdout).toContain(word);
    }
  });
});

test.each([
  [[], 'which shell? bash, zsh or fish'],
  [['tcsh'], 'one of bash, zsh and fish is wanted, not "tcsh"'],
  [['bash', 'zsh'], 'one of bash, zsh and fish is wanted, not "bash zsh"'],
])('%j is refused on stderr', async (args, problem) => {
  expect(await run(['completion', ...args])).toEqual({
    code: 1,
    stdout: '',
    stderr: `Error: completion: ${problem}\n`,
  });
});

describe('names', () => {
  test('are those of the members, one in a line, but for what no shell could take', async () => {
    const agent = fakeAgent({
      members: [member({ name: 'web-2' }), member({ name: 'a\nb' }), member({ name: 'db 1' })],
    });

    const result = await run(['completion', 'names'], { connect: agent.connect });

    expect(result).toEqual({ code: 0, stdout: 'db 1\nweb-2\n', stderr: '' });
    expect(agent.targets).toMatchObject([{ timeoutMs: 2_000 }]);
    expect(agent.isClosed()).toBe(true);
  });

  test('are none without an agent, and nothing is said', async () => {
    const { connect } = fakeAgent({ connectError: new RpcError('CONNECT_FAILED', 'refused') });

    expect(await run(['completion', 'names'], { connect })).toEqual({
      code: 1,
      stdout: '',
      stderr: '',
    });
  });
});
