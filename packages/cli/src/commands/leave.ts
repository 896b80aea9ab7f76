import { defineCommand } from '../command.js';
import { printLine } from '../io.js';
import { rpcFlags, withAgent } from '../rpc.js';

export const leave = defineCommand({
  usage: 'leave',
  description: [
    'Makes the agent leave the cluster and end. The others see it as left, not as failed. Takes from one second to some ten, until the news is out.',
  ],
  flags: rpcFlags,
  examples: [
    ['tserf leave -rpc-addr=10.0.0.5:7373', 'Take the node at that address out of the cluster.'],
  ],
  async run(context) {
    return withAgent(context, 'Error leaving', async (client) => {
      await client.leave();
      printLine(context.io.stdout, 'Graceful leave complete');
      return 0;
    });
  },
});
