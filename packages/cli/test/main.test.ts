import { describe, expect, test } from 'vitest';
import { commands, defineCommand, text } from '../src/index.js';
import { run } from './support/terminal.js';

const LIST =
  /^Usage: tserf \[--version\] \[--help\] <command> \[<args>\]\n\nAvailable commands are:\n( {4}\S.*\n)+\n$/;
const FLAGS_BEFORE =
  'Invalid flags before the subcommand. If these flags are for\nthe subcommand, please put them after the subcommand.\n\nUsage: tserf members [options]\n';

describe('the list of commands', () => {
  test.each([
    [[], 127],
    [['-h'], 0],
    [['-help'], 0],
    [['--help'], 0],
    [['-h', '--', 'members'], 0],
    [['help'], 127],
    [[''], 127],
    [['--', 'members'], 127],
    [['--', '-h'], 127],
    [['-version'], 127],
    [['-bogus'], 127],
    [['-h', 'nosuch'], 127],
  ])('%j prints it on stderr and exits with %i', async (args, code) => {
    const result = await run(args);

    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(LIST);
  });

  test('it is sorted, and each name is padded to the longest', async () => {
    const { stderr } = await run([]);

    const rows = stderr.split('\n').filter((line) => line.startsWith('    '));
    const names = rows.map((row) => row.trim().split(' ')[0]);
    expect(names).toEqual(commands.map(({ name }) => name).sort());
    expect(new Set(rows.map((row) => row.search(/(?<= {4})\S[^ ]* \S|(?<=\S {4,})\S/))).size).toBe(
      1,
    );
  });

  test.each([
    ['membres', 'members'],
    ['memeber', 'members'],
    ['mem', 'members'],
    ['jion', 'join'],
    ['force_leave', 'force-leave'],
    ['version2', 'version'],
  ])('a slip is answered with the nearest name, after the list: %s', async (typed, nearest) => {
    const result = await run([typed]);

    expect(result.code).toBe(127);
    expect(result.stderr).toMatch(/^Usage: /);
    expect(
      result.stderr.endsWith(`\n\nThere is no command "${typed}". Did you mean "${nearest}"?\n`),
    ).toBe(true);
  });
});

describe('help and version', () => {
  test.each(commands.map(({ name }) => name))(
    '%s -h prints its help on stderr and exits with 0',
    async (name) => {
      for (const args of [
        [name, '-h'],
        ['-h', name],
        [name, '-bogus', '--help'],
        ['-bogus', name, '-help'],
      ]) {
        const result = await run(args);

        expect(result).toMatchObject({ code: 0, stdout: '' });
        expect(result.stderr.startsWith(`Usage: tserf ${name}`)).toBe(true);
        expect(result.stderr.endsWith('\n\n')).toBe(false);
        expect(result.stderr.split('\n').filter((line) => line.length > 100)).toEqual([]);
      }
    },
  );

  test.each([
    [['-v']],
    [['--version']],
    [['members', '-v']],
    [['agent', '-node', '--version']],
    [['--', '-v']],
    [['version', '-x', 'y']],
  ])('%j prints the version', async (args) => {
    const { default: manifest } = await import('../package.json', { with: { type: 'json' } });

    expect(await run(args)).toEqual({
      code: 0,
      stdout: `${manifest.version}\nAgent Protocol: 5 (Understands back to: 2)\n`,
      stderr: '',
    });
  });
});

test('the version as JSON', async () => {
  const { code, stdout } = await run(['version', '-format=json']);

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ protocol: { max: 5, min: 2 } });
});

test.each([
  [['-bogus', 'members']],
  [['-bogus=3', 'members', '-x']],
  [['-', 'members']],
  [['--rpc-addr=x', 'members']],
])('flags before the command are refused: %j', async (args) => {
  const result = await run(args);

  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr.startsWith(FLAGS_BEFORE)).toBe(true);
});

test('an empty argument before the command is passed over', async () => {
  expect((await run(['', 'version'])).code).toBe(0);
});

test('a table of other commands can be handed in', async () => {
  const greet = defineCommand({
    usage: 'greet [options] name',
    description: ['Greets.'],
    flags: { with: text('WORD', 'The word.', 'Hello') },
    examples: [],
    run: async ({ flags, args, io }) => {
      io.stdout.write(`${flags.with}, ${args.join(' ')}\n`);
      return 3;
    },
  });
  const entry = { name: 'greet', synopsis: 'Greets', load: () => Promise.resolve(greet) };

  const result = await run(['greet', '-with=Hi', 'all', '-x'], { commands: [entry] });

  expect(result).toEqual({ code: 3, stdout: 'Hi, all -x\n', stderr: '' });
});
