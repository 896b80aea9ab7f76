import type { KeyError, KeyReport } from '@tserf/client';
import { type CommandContext, defineCommand } from '../command.js';
import { bool, type FlagTable, text } from '../flags.js';
import { formatColumns } from '../format/columns.js';
import type { JsonValue } from '../format/json.js';
import { sortedEntries } from '../format/order.js';
import { showValue } from '../format/show.js';
import { type Io, printLine } from '../io.js';
import { formatFlag, printResult, refuseFormat } from '../output.js';
import { failureText, printFailure, type RpcClient, rpcFlags, withAgent } from '../rpc.js';

const flags = {
  install: text(
    'KEY',
    'Give a key to all members; it is used once it is made the primary one.',
    '',
  ),
  use: text('KEY', 'Make an installed key the primary one, which members encrypt with.', ''),
  remove: text('KEY', 'Take a key from all members. The primary key cannot be removed.', ''),
  list: bool('Show all keys, and how many members have each.', false),
  ...formatFlag,
  ...rpcFlags,
} satisfies FlagTable;

type KeysContext = CommandContext<typeof flags>;

export const keys = defineCommand({
  usage: 'keys [options]',
  description: [
    'Manages the keys that encrypt gossip, on all members at once. Members may have several keys: they encrypt with the primary one and decrypt with any. To change the key, install the new one, look with -list that every member has it, use it, and remove the old one.',
    'Each of the four can be repeated: what is done already is no error.',
  ],
  flags,
  examples: [
    ['tserf keys -install="$KEY" && tserf keys -list', 'The first half of a change of keys.'],
    ['tserf keys -use="$KEY" && tserf keys -remove="$OLD_KEY"', 'The second half.'],
  ],
  async run(context) {
    const { flags, io } = context;
    const given = operations.filter((operation) => operation.isGiven(flags));
    const [operation, ...more] = given;
    if (operation === undefined) {
      printLine(io.stdout, await context.help());
      return 1;
    }
    if (more.length > 0) {
      printLine(io.stdout, 'Only one of -install, -use, -remove, or -list allowed');
      return 1;
    }
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;
    return withAgent(context, operation.failure, (client) => carryOut(operation, client, context));
  },
});

type KeysFlags = KeysContext['flags'];

interface Operation {
  isGiven(flags: KeysFlags): boolean;
  run(client: RpcClient, flags: KeysFlags): ReturnType<RpcClient['listKeys']>;
  readonly start: string;
  readonly success: string;
  readonly failure: string;
}

const operations: readonly Operation[] = [
  {
    isGiven: ({ list }) => list,
    run: async (client) => {
      const report = await client.listKeys();
      // None is a list too, and is shown as one.
      return { ...report, keys: report.keys ?? {} };
    },
    start: 'Asking all members for installed keys...',
    success: 'Keys gathered, listing cluster keys...',
    failure: 'Failed to gather member keys',
  },
  {
    isGiven: ({ install }) => install !== '',
    run: (client, { install }) => client.installKey(install),
    start: 'Installing key on all members...',
    success: 'Successfully installed key!',
    failure: 'Error installing key',
  },
  {
    isGiven: ({ use }) => use !== '',
    run: (client, { use }) => client.useKey(use),
    start: 'Changing primary key on all members...',
    success: 'Successfully changed primary key!',
    failure: 'Error changing primary key',
  },
  {
    isGiven: ({ remove }) => remove !== '',
    run: (client, { remove }) => client.removeKey(remove),
    start: 'Removing key on all members...',
    success: 'Successfully removed key!',
    failure: 'Error removing key',
  },
];

async function carryOut(
  operation: Operation,
  client: RpcClient,
  context: KeysContext,
): Promise<number> {
  const { flags, io } = context;
  const isText = flags.format === 'text';
  if (isText) printLine(io.stdout, `==> ${operation.start}`);

  let report: KeyReport;
  try {
    report = await operation.run(client, flags);
  } catch (error) {
    if (isText) printMessages(isKeyError(error) ? error.report : undefined, io);
    return printFailure(io, operation.failure, failureText(error));
  }
  // Such as a list of keys that was cut short: Serf keeps these to itself, and its output is read by scripts.
  for (const [node, message] of sortedEntries(report.messages)) {
    printLine(io.stderr, `Note: ${showValue(node)}: ${showValue(message)}`);
  }
  await printResult(context, successText(operation, report), reportJson(report));
  return 0;
}

/** What members had against it, and the empty line that stands before the error. */
function printMessages(report: KeyReport | undefined, io: Io): void {
  const messages = sortedEntries(report?.messages ?? {});
  if (messages.length > 0) {
    const rows = messages.map((row) => `failed: |${row.map(showValue).join('|')}`);
    printLine(io.stdout, formatColumns(rows));
  }
  printLine(io.stdout, '');
}

/** By name: the class is in the client's code, which this file doesn't load. */
function isKeyError(error: unknown): error is KeyError {
  return error instanceof Error && error.name === 'KeyError';
}

function successText({ success }: Operation, { keys, numNodes }: KeyReport): string {
  if (keys === undefined) return `==> ${success}`;
  const rows = sortedEntries(keys).map(
    ([key, have]) => `${showValue(key)} | [${have}/${numNodes}]`,
  );
  return `==> ${success}\n\n${formatColumns(rows)}`;
}

function reportJson({ numNodes, keys, primaryKeys, messages }: KeyReport): JsonValue {
  return {
    nodes: numNodes,
    ...(keys && { keys: new Map(Object.entries(keys)) }),
    ...(primaryKeys && { primary: new Map(Object.entries(primaryKeys)) }),
    messages: new Map(Object.entries(messages)),
  };
}
