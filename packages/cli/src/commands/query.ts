import { type CommandContext, defineCommand, printUsageError } from '../command.js';
import { bool, duration, type FlagTable, integer, list, splitPair, text } from '../flags.js';
import { goText } from '../format/go-text.js';
import { showText, showValue } from '../format/show.js';
import { type Io, printLine } from '../io.js';
import { formatFlag, refuseFormat } from '../output.js';
import { payloadFlag, readPayload } from '../payload.js';
import { eachUpdate, type UpdateTaker } from '../query-updates.js';
import { printFailure, rpcFlags, withAgent } from '../rpc.js';

const LARGEST_RELAY_FACTOR = 255;
const NEWLINE = 0x0a;

const flags = {
  node: list('NODE', 'Ask only this node. May be given many times.'),
  tag: list(
    'KEY=REGEX',
    'Ask only nodes with such a tag; the pattern may match any part of it. May be given many times; all must match.',
  ),
  timeout: duration(
    'DURATION',
    'How long answers count. Default: some seconds, more in a larger cluster.',
    0,
  ),
  early: bool(
    'End as soon as every node that was asked has answered, not only when the time is over. Only tserf agents know how.',
    false,
  ),
  'no-ack': bool('Do not ask nodes to confirm that the query has reached them.', false),
  'relay-factor': integer(
    'N',
    'Have answers also sent by way of N other nodes, against loss; 0 to 255.',
    0,
  ),
  encoding: text(
    'ENCODING',
    'How answers are shown: "text", or "base64" for bytes that are no text.',
    'text',
    ['text', 'base64'],
  ),
  ...payloadFlag,
  ...formatFlag,
  ...rpcFlags,
} satisfies FlagTable;

type QueryContext = CommandContext<typeof flags>;

export const query = defineCommand({
  usage: 'query [options] name [payload]',
  description: [
    'Asks all nodes of the cluster, or those that the options choose, and shows which of them got the query and what they answered. Handlers that are configured for the query answer it, or programs that listen over RPC.',
    'Flags come before the name.',
  ],
  flags,
  examples: [
    ['tserf query load', 'Ask every node.'],
    ['tserf query -tag role=web -timeout=1s -early load', 'The web servers, and no waiting.'],
    ['tserf query -format=json load | jq .Responses', 'The answers, for a script.'],
  ],
  async run(context) {
    const { flags, io } = context;
    const tags = new Map<string, string>();
    for (const pair of flags.tag) {
      const tag = splitPair(pair);
      if (tag === undefined) return printFailure(io, 'Error', `Invalid tag: '${showValue(pair)}'`);
      tags.set(tag.key, tag.value);
    }
    const [name, argument, ...more] = context.args;
    if (name === undefined) return printUsageError(context, 'A query name must be specified.');
    if (more.length > 0) {
      return printUsageError(
        context,
        'Too many command line arguments. Only a name and payload must be specified.',
      );
    }
    const relayFactor = flags['relay-factor'];
    if (relayFactor < 0 || relayFactor > LARGEST_RELAY_FACTOR) {
      printLine(io.stdout, `Relay factor must be between 0 and ${LARGEST_RELAY_FACTOR}`);
      return 1;
    }
    if (flags.encoding !== 'text' && flags.encoding !== 'base64') {
      printLine(
        io.stdout,
        `Invalid encoding: ${showValue(flags.encoding)} (choose text or base64)`,
      );
      return 1;
    }
    const read = await readPayload(argument, flags['payload-file'], io);
    if (!read.ok) return printFailure(io, 'Error', read.problem);

    return withAgent(context, 'Error sending query', async (client) => {
      // Only now, as Serf does (spec/06 §1.5).
      const refusal = refuseFormat(context);
      if (refusal !== undefined) return refusal;
      const updates = await client.query(name, read.payload, {
        filterNodes: flags.node,
        filterTags: Object.fromEntries(tags),
        timeoutMs: flags.timeout / 1e6,
        requestAck: !flags['no-ack'],
        relayFactor,
        early: flags.early,
      });
      const printer = flags.format === 'json' ? jsonPrinter(context) : textPrinter(context, name);
      const end = await eachUpdate(updates, { client, io }, printer);
      if (end === 'interrupted') return 1;
      await printer.finish();
      return 0;
    });
  },
});

interface Printer extends UpdateTaker {
  finish(): Promise<void>;
}

/** Each update in a line as it comes, then the totals. */
function textPrinter({ flags, io }: QueryContext, name: string): Printer {
  let acks = 0;
  let responses = 0;
  return {
    begin: () => printLine(io.stdout, `Query '${name}' dispatched`),
    take(update) {
      const from = showValue(update.from);
      if (update.type === 'ack') {
        acks++;
        printLine(io.stdout, `Ack from '${from}'`);
      } else {
        responses++;
        printAnswer(io, `Response from '${from}': `, update.payload, flags.encoding);
      }
      return false;
    },
    async finish() {
      if (!flags['no-ack']) printLine(io.stdout, `Total Acks: ${acks}`);
      printLine(io.stdout, `Total Responses: ${responses}`);
    },
  };
}

/**
 * An answer without its last newline. Into a pipe go its bytes as they are; a terminal would obey control characters
 * in it, which some node chose.
 */
function printAnswer(
  io: Io,
  prefix: string,
  payload: Uint8Array = new Uint8Array(),
  encoding: string,
): void {
  if (encoding === 'base64') {
    printLine(io.stdout, prefix + Buffer.from(payload).toString('base64'));
    return;
  }
  const body = payload.at(-1) === NEWLINE ? payload.subarray(0, -1) : payload;
  if (io.stdout.isTTY === true) {
    printLine(io.stdout, prefix + showText(Buffer.from(body).toString()));
    return;
  }
  // In one piece, as a line should reach its reader.
  io.stdout.write(Buffer.concat([Buffer.from(prefix), body, Buffer.of(NEWLINE)]));
}

/** One document when all is over. */
function jsonPrinter({ flags, io }: QueryContext): Printer {
  const acks: string[] = [];
  const responses = new Map<string, string>();
  const show = (payload: Uint8Array) =>
    flags.encoding === 'base64' ? Buffer.from(payload).toString('base64') : goText(payload);
  return {
    begin() {},
    take(update) {
      if (update.type === 'ack') acks.push(update.from);
      else responses.set(update.from, show(update.payload ?? new Uint8Array()));
      return false;
    },
    async finish() {
      const { formatJson } = await import('../format/json.js');
      // A Go program's nil list: nobody acked.
      const Acks = acks.length === 0 ? null : acks;
      printLine(io.stdout, formatJson({ Acks, Responses: responses }));
    },
  };
}
