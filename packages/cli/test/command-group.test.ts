import { expect, test } from 'vitest';
import { defineCommand, defineCommandGroup, text } from '../src/index.js';
import { run } from './support/terminal.js';

const check = defineCommand({
  usage: 'config check [options] file ...',
  description: ['Checks files.'],
  flags: { as: text('NAME', 'The name to use.', 'file') },
  examples: [],
  run: async ({ flags, args, io }) => {
    io.stdout.write(`${flags.as}: ${args.join(' ')}\n`);
    return 0;
  },
});

const group = {
  name: 'config',
  synopsis: 'Looks at configuration files',
  load: async () =>
    defineCommandGroup({
      name: 'config',
      description: ['Looks at configuration files.'],
      commands: [{ name: 'check', synopsis: 'Checks files', load: async () => check }],
    }),
};

const HELP =
  'Usage: tserf config <command> [<args>]\n\n  Looks at configuration files.\n\nCommands:\n\n    check    Checks files\n\n"tserf config <command> -h" says more.\n';

function runGroup(...args: string[]) {
  return run(args, { commands: [group] });
}

test('a command of a group gets what follows its name', async () => {
  expect(await runGroup('config', 'check', '-as=x', 'a', '-b')).toEqual({
    code: 0,
    stdout: 'x: a -b\n',
    stderr: '',
  });
});

test.each([
  [['config'], 'a command is missing'],
  [['config', 'chekc'], 'no command "chekc"'],
  [['config', '-as=x', 'check'], 'no command "-as=x"'],
])('%j is answered on stderr with what there is', async (args, problem) => {
  expect(await runGroup(...args)).toEqual({
    code: 1,
    stdout: '',
    stderr: `Error: config: ${problem}\n\n${HELP}`,
  });
});

test.each([[['config', '-h']], [['-h', 'config']], [['config', 'nosuch', '-h']]])(
  '%j shows the commands of the group',
  async (args) => {
    expect(await runGroup(...args)).toEqual({ code: 0, stdout: '', stderr: HELP });
  },
);

test.each([[['config', 'check', '-h']], [['-h', 'config', 'check']], [['config', '-h', 'check']]])(
  '%j shows the help of the command in it',
  async (args) => {
    const { code, stderr } = await runGroup(...args);

    expect(code).toBe(0);
    expect(stderr).toMatch(/^Usage: tserf config check \[options\] file \.\.\.\n/);
  },
);
