import { defineCommand } from '../command.js';
import { formatFlag, printResult, refuseFormat } from '../output.js';
import { rpcFlags, withAgent } from '../rpc.js';

export const leave = defineCommand({
  usage: 'leave [options]',
  description: [
    'Makes the agent leave the cluster and end. The others see it as left, not as failed. Takes from one second to some ten, until the news is out.',
  ],
  flags: { ...formatFlag, ...rpcFlags },
  examples: [
    ['tserf leave -rpc-addr=10.0.0.5:7373', 'Take the node at that address out of the cluster.'],
  ],
  async run(context) {
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;
    return withAgent(context, 'Error leaving', async (client) => {
      await client.leave();
      await printResult(context, 'Graceful leave complete', { left: true });
      return 0;
    });
  },
});
