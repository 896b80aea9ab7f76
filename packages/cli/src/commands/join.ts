import { defineCommand, printUsageError } from '../command.js';
import { bool } from '../flags.js';
import { formatFlag, printResult, refuseFormat } from '../output.js';
import { rpcFlags, withAgent } from '../rpc.js';

export const join = defineCommand({
  usage: 'join [options] address ...',
  description: [
    'Makes the agent join the cluster of the members at the given addresses. One that answers is enough; the more are given, the surer it is.',
  ],
  flags: {
    replay: bool('Deliver user events from before the join as well.', false),
    ...formatFlag,
    ...rpcFlags,
  },
  examples: [
    ['tserf join 10.0.0.5 10.0.0.6:7946', 'Join by two members; the port 7946 may be left out.'],
  ],
  async run(context) {
    const { args, flags } = context;
    if (args.length === 0) {
      return printUsageError(context, 'At least one address to join must be specified.');
    }
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;
    return withAgent(context, 'Error joining the cluster', async (client) => {
      const contacted = await client.join(args, { replay: flags.replay });
      const message = `Successfully joined cluster by contacting ${contacted} nodes.`;
      await printResult(context, message, { contacted });
      return 0;
    });
  },
});
