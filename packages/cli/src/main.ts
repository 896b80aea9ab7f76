import { type CommandEntry, commands } from './commands.js';
import { type Io, printLine } from './io.js';
import { type Connect, connectToAgent } from './rpc.js';

/** Exit code of a command line without a command, or with one that nobody knows. */
const NO_COMMAND = 127;

const HELP_FLAGS: ReadonlySet<string> = new Set(['-h', '-help', '--help']);
/** Anywhere, even as a value and after `--`: Serf looks for them first (spec/06 §2). */
const VERSION_FLAGS: ReadonlySet<string> = new Set(['-v', '--version']);

export interface MainOptions {
  /** The commands there are. */
  readonly commands?: readonly CommandEntry[];
  /** How commands reach an agent. */
  readonly connect?: Connect;
}

/** Runs one command line (without interpreter and script) and returns its exit code. */
export async function main(
  argv: readonly string[],
  io: Io,
  options: MainOptions = {},
): Promise<number> {
  const table = options.commands ?? commands;
  const line = splitCommandLine(argv);
  const entry = table.find((candidate) => candidate.name === line.name);
  if (entry === undefined) {
    const { formatCommandList, nearestCommandLine } = await import('./top-level.js');
    io.stderr.write(formatCommandList(table));
    if (line.name === undefined) return line.wantsHelp ? 0 : NO_COMMAND;
    const hint = await nearestCommandLine(table, line.name);
    if (hint !== undefined) printLine(io.stderr, hint);
    return NO_COMMAND;
  }

  const command = await entry.load();
  if (line.wantsHelp) {
    printLine(io.stderr, await command.help(line.args));
    return 0;
  }
  if (line.flagsBefore) {
    printLine(io.stderr, `${FLAGS_BEFORE_COMMAND}\n\n${await command.help(line.args)}`);
    return 1;
  }
  return command.run(line.args, io, {
    connect: options.connect ?? connectToAgent,
    commands: table,
  });
}

const FLAGS_BEFORE_COMMAND =
  'Invalid flags before the subcommand. If these flags are for\n' +
  'the subcommand, please put them after the subcommand.';

interface CommandLine {
  readonly name: string | undefined;
  readonly args: readonly string[];
  readonly wantsHelp: boolean;
  readonly flagsBefore: boolean;
}

/** The top level's own view: which command, what is for it, and what was said before it. */
function splitCommandLine(argv: readonly string[]): CommandLine {
  const end = argv.indexOf('--');
  const beforeEnd = end < 0 ? argv : argv.slice(0, end);
  const wantsHelp = beforeEnd.some((argument) => HELP_FLAGS.has(argument));
  if (argv.some((argument) => VERSION_FLAGS.has(argument))) {
    return { name: 'version', args: [], wantsHelp, flagsBefore: false };
  }
  // An empty argument is passed over, as Serf does.
  const at = beforeEnd.findIndex((argument) => argument !== '' && !argument.startsWith('-'));
  if (at < 0) return { name: undefined, args: [], wantsHelp, flagsBefore: false };
  const flagsBefore = beforeEnd.slice(0, at).some((argument) => argument.startsWith('-'));
  return { name: argv[at], args: argv.slice(at + 1), wantsHelp, flagsBefore };
}
