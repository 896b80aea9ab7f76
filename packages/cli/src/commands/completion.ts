import { type CommandContext, defineCommand } from '../command.js';
import type { FlagTable } from '../flags.js';
import { compareText, sortedByName } from '../format/order.js';
import { showValue } from '../format/show.js';
import { printLine } from '../io.js';
import { failureText, rpcFlags, rpcTarget } from '../rpc.js';

const flags = { ...rpcFlags } satisfies FlagTable;

type CompletionContext = CommandContext<typeof flags>;

const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** Somebody waits with a finger on the tab key. */
const NAMES_TIMEOUT_MS = 2_000;

type Shell = (typeof SHELLS)[number];

export const completion = defineCommand({
  usage: 'completion bash|zsh|fish',
  description: [
    'Prints a script that lets a shell complete commands, flags, their values, and names of members.',
    '"tserf completion names" prints the names of the members, which the scripts ask for.',
  ],
  argument: [...SHELLS],
  flags,
  examples: [
    ['eval "$(tserf completion bash)"', 'In ~/.bashrc; so in ~/.zshrc with zsh, after compinit.'],
    ['tserf completion fish | source', 'In ~/.config/fish/config.fish.'],
  ],
  async run(context) {
    const { args, io } = context;
    const [what, ...more] = args;
    if (what === 'names' && more.length === 0) return printNames(context);
    const shell = SHELLS.find((name) => name === what);
    if (shell === undefined || more.length > 0) {
      const problem =
        what === undefined
          ? 'which shell? bash, zsh or fish'
          : `one of bash, zsh and fish is wanted, not "${showValue(args.join(' '))}"`;
      printLine(io.stderr, `Error: completion: ${problem}`);
      return 1;
    }
    return printScript(shell, context);
  },
});

async function printScript(shell: Shell, { commands, io }: CompletionContext): Promise<number> {
  const [{ completables }, write] = await Promise.all([
    import('../completion/completable.js'),
    writers[shell](),
  ]);
  io.stdout.write(write(await completables(sortedByName(commands))));
  return 0;
}

const writers = {
  bash: async () => (await import('../completion/bash.js')).bashScript,
  zsh: async () => (await import('../completion/zsh.js')).zshScript,
  fish: async () => (await import('../completion/fish.js')).fishScript,
};

/** One name in a line. Without an agent there is nothing to offer, and nothing to say. */
async function printNames({ flags, io, connect }: CompletionContext): Promise<number> {
  const target = rpcTarget(flags, io.env);
  if (!target.ok) return 1;
  try {
    const client = await connect({ ...target, timeoutMs: NAMES_TIMEOUT_MS });
    try {
      const members = await client.members();
      const names = members.map(({ name }) => name).filter((name) => showValue(name) === name);
      for (const name of names.sort(compareText)) printLine(io.stdout, name);
    } finally {
      await client.close();
    }
    return 0;
  } catch (error) {
    failureText(error);
    return 1;
  }
}
