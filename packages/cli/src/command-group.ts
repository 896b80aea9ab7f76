import type { Command } from './command.js';
import type { CommandEntry } from './commands.js';
import { printLine } from './io.js';

export interface CommandGroupDefinition {
  /** The word that all its commands begin with. */
  readonly name: string;
  /** Paragraphs, each one line; the help wraps them. */
  readonly description: readonly string[];
  readonly commands: readonly CommandEntry[];
}

/**
 * Makes one command of several: `tserf config check`. Each is a row as in the table of all commands, and loaded when
 * it is called. Groups are tserf's own, so what is wrong is said on stderr.
 */
export function defineCommandGroup(definition: CommandGroupDefinition): Command {
  const { name: group, commands } = definition;

  const ownHelp = async () => {
    const [{ formatGroupHelp }, { formatRows }] = await Promise.all([
      import('./format/help.js'),
      import('./top-level.js'),
    ]);
    return formatGroupHelp(definition, formatRows(commands));
  };

  return {
    shape: { flags: {}, commands },
    async help(args = []) {
      const entry = commands.find(({ name }) => name === firstWord(args));
      return entry === undefined ? ownHelp() : (await entry.load()).help(args.slice(1));
    },
    async run(args, io, around) {
      const [typed, ...rest] = args;
      const entry = commands.find(({ name }) => name === typed);
      if (entry !== undefined) return (await entry.load()).run(rest, io, around);

      const problem = typed === undefined ? 'a command is missing' : `no command "${typed}"`;
      printLine(io.stderr, `Error: ${group}: ${problem}\n\n${await ownHelp()}`);
      return 1;
    },
  };
}

function firstWord(args: readonly string[]): string | undefined {
  return args.find((argument) => !argument.startsWith('-'));
}
