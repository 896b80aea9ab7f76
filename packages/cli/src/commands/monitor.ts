import { defineCommand } from '../command.js';
import { text } from '../flags.js';
import { formatGoValue } from '../format/go-value.js';
import { sortedEntries } from '../format/order.js';
import { showText, showValue } from '../format/quote.js';
import { type Io, printLine } from '../io.js';
import { printFailure, type RpcClient, rpcFlags, withAgent } from '../rpc.js';

export const monitor = defineCommand({
  usage: 'monitor [options]',
  description: [
    "Shows the agent's log, starting with its last lines, and the cluster's events in between, until it is stopped with Ctrl-C.",
  ],
  flags: {
    'log-level': text('LEVEL', 'Lowest level to show: trace, debug, info, warn or err.', 'INFO'),
    ...rpcFlags,
  },
  examples: [['tserf monitor -log-level=debug', 'All that happens, with the details.']],
  run: (context) =>
    withAgent(context, 'Error starting stream', (client) =>
      watch(client, context.flags['log-level'], context.io),
    ),
});
