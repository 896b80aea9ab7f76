import { defineCommand, printUsageError } from '../command.js';
import { bool } from '../flags.js';
import { rpcFlags, withAgent } from '../rpc.js';

export const forceLeave = defineCommand({
  usage: 'force-leave [options] name',
  description: [
    'Makes a failed member count as left, so that the cluster stops trying to reach it. A member that is alive comes back at once: use "tserf leave" on its own agent.',
    'Prints nothing when it works, also for names that nobody has.',
  ],
  flags: {
    prune: bool('Forget the member entirely, instead of listing it as left for a while.', false),
    ...rpcFlags,
  },
  examples: [['tserf force-leave -prune web-7', 'Forget a machine that will not come back.']],
  async run(context) {
    const [node, ...more] = context.args;
    if (node === undefined || more.length > 0) {
      return printUsageError(context, 'A node name must be specified to force leave.');
    }
    return withAgent(context, 'Error force leaving', async (client) => {
      await client.forceLeave(node, { prune: context.flags.prune });
      return 0;
    });
  },
});
