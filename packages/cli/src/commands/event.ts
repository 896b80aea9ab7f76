import { defineCommand, printUsageError } from '../command.js';
import { bool } from '../flags.js';
import { formatFlag, printResult, refuseFormat } from '../output.js';
import { payloadFlag, readPayload } from '../payload.js';
import { printFailure, rpcFlags, withAgent } from '../rpc.js';

export const event = defineCommand({
  usage: 'event [options] name [payload]',
  description: [
    'Sends an event to all members of the cluster. Agents hand it to the handlers that are configured for it, and to whoever listens with "tserf monitor" or over RPC.',
    'Name and payload together must fit into some 500 bytes, unless the agents are configured otherwise. Flags come before the name.',
  ],
  flags: {
    coalesce: bool(
      'Of several events of one name that come close together, handlers see the last alone. Default: true.',
      true,
    ),
    ...payloadFlag,
    ...formatFlag,
    ...rpcFlags,
  },
  examples: [
    ['tserf event deploy v1.42', 'Tell everybody to deploy.'],
    ['tserf event -coalesce=false deploy', 'Each of them counts.'],
    ['date | tserf event -payload-file=- started', 'Take the payload from a pipe.'],
  ],
  async run(context) {
    const { flags, io } = context;
    const [name, argument, ...more] = context.args;
    if (name === undefined) return printUsageError(context, 'An event name must be specified.');
    if (more.length > 0) {
      return printUsageError(
        context,
        'Too many command line arguments. Only a name and payload must be specified.',
      );
    }
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;
    const read = await readPayload(argument, flags['payload-file'], io);
    if (!read.ok) return printFailure(io, 'Error', read.problem);

    return withAgent(context, 'Error sending event', async (client) => {
      await client.event(name, read.payload, { coalesce: flags.coalesce });
      await printResult(
        context,
        `Event '${name}' dispatched! Coalescing enabled: ${flags.coalesce}`,
        { name, coalesce: flags.coalesce },
      );
      return 0;
    });
  },
});
