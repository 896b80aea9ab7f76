import { defineCommand, printUsageError } from '../command.js';
import { bool } from '../flags.js';
import { formatFlag, printResult, refuseFormat } from '../output.js';
import { rpcFlags, withAgent } from '../rpc.js';

export const forceLeave = defineCommand({
  usage: 'force-leave [options] name',
  description: [
    'Makes a failed member count as left, so that the cluster stops trying to reach it. A member that is alive comes back at once: use "tserf leave" on its own agent.',
    'Prints nothing when it works, also for names that nobody has.',
  ],
  argument: 'node',
  flags: {
    prune: bool('Forget the member entirely, instead of listing it as left for a while.', false),
    ...formatFlag,
    ...rpcFlags,
  },
  examples: [['tserf force-leave -prune web-7', 'Forget a machine that will not come back.']],
  async run(context) {
    const [node, ...more] = context.args;
    if (node === undefined || more.length > 0) {
      return printUsageError(context, 'A node name must be specified to force leave.');
    }
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;
    return withAgent(context, 'Error force leaving', async (client) => {
      const { prune } = context.flags;
      await client.forceLeave(node, { prune });
      await printResult(context, undefined, { node, prune });
      return 0;
    });
  },
});
