import type { CommandEntry } from './commands.js';
import { FlagError, type FlagTable, type FlagValues, type GivenFlag, parseFlags } from './flags.js';
import { type Io, printLine } from './io.js';
import type { Connect } from './rpc.js';

/** What a command gets when it runs. */
export interface CommandContext<T extends FlagTable> {
  readonly flags: FlagValues<T>;
  /** The flags in the order of the command line. */
  readonly given: readonly GivenFlag[];
  /** What stands after the flags. */
  readonly args: readonly string[];
  readonly io: Io;
  readonly connect: Connect;
  /** All commands there are. */
  readonly commands: readonly CommandEntry[];
  /** The command's help, for answers to a wrong number of arguments. */
  help(): Promise<string>;
}

/** The words of a command's help. */
export interface CommandText {
  /** What follows `tserf `: `join [options] address ...`. */
  readonly usage: string;
  /** Paragraphs, each one line; the help wraps them. */
  readonly description: readonly string[];
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [command: string, meaning: string])[];
}

/** A kind of argument that a shell can complete: the name of a member, a file, or one of several words. */
export type ArgumentKind = 'node' | 'file' | readonly string[];

export interface CommandDefinition<T extends FlagTable> extends CommandText {
  readonly flags: T;
  /** What its arguments are, for the completion of shells; absent when they cannot be guessed. */
  readonly argument?: ArgumentKind;
  /** Serf's `keygen` and `version` take any arguments; with one that nobody knows, none counts. */
  readonly ignoresArguments?: boolean;
  /** Put before the help when a flag was wrong: the agent prefixes all it prints. */
  readonly helpPrefix?: string;
  /** Returns the exit code. */
  run(context: CommandContext<T>): Promise<number>;
}

/** What commands get from whoever runs them. */
type Surroundings = Pick<CommandContext<FlagTable>, 'connect' | 'commands'>;

/** What a command is to its caller: something with a help that runs on arguments. */
export interface Command {
  /** `args`: what follows the command's name. A group of commands looks for the one that is meant in it. */
  help(args?: readonly string[]): Promise<string>;
  /** What may follow its name, for the completion of shells. */
  readonly shape: CommandShape;
  /** Reads `args` (everything after the command's name) and returns the exit code. */
  run(args: readonly string[], io: Io, around: Surroundings): Promise<number>;
}

export interface CommandShape {
  readonly flags: FlagTable;
  readonly argument?: ArgumentKind | undefined;
  /** The commands of a group. */
  readonly commands?: readonly CommandEntry[];
}

/** Makes a command of its declaration: flags are read by its table, and mistakes in them answered as Serf does. */
export function defineCommand<const T extends FlagTable>(
  definition: CommandDefinition<T>,
): Command {
  const help = async () => {
    // Loaded when asked for: a command that succeeds never shows its help.
    const { formatHelp } = await import('./format/help.js');
    return formatHelp(definition, definition.flags);
  };
  const run = async (args: readonly string[], io: Io, around: Surroundings): Promise<number> => {
    let parsed: ReturnType<typeof parseFlags<T>>;
    try {
      parsed = parseFlags(definition.flags, args);
    } catch (error) {
      if (!(error instanceof FlagError)) throw error;
      if (definition.ignoresArguments === true) return run([], io, around);
      // Serf's split: the line on stderr, the help on stdout (spec/06 §1.2).
      printLine(io.stderr, error.message);
      printLine(io.stdout, `${definition.helpPrefix ?? ''}${await help()}`);
      // On a terminal the help has pushed the line out of sight.
      if (io.stderr.isTTY === true) {
        printLine(io.stderr, `\n${error.message}${await nearestFlag(error, definition.flags)}`);
      }
      return 1;
    }
    const { values, given, rest } = parsed;
    return definition.run({ flags: values, given, args: rest, io, ...around, help });
  };
  return { help, run, shape: { flags: definition.flags, argument: definition.argument } };
}

async function nearestFlag({ unknown }: FlagError, flags: FlagTable): Promise<string> {
  if (unknown === undefined) return '';
  const { nearestWord } = await import('@tserf/agent/nearest-word');
  const nearest = nearestWord(unknown, Object.keys(flags));
  return nearest === undefined ? '' : `. Did you mean -${nearest}?`;
}

/** Answers a wrong number of arguments: what is wrong, an empty line, the help; all on stdout. Returns the exit code. */
export async function printUsageError(
  context: Pick<CommandContext<FlagTable>, 'io' | 'help'>,
  message: string,
): Promise<number> {
  printLine(context.io.stdout, `${message}\n\n${await context.help()}`);
  return 1;
}
