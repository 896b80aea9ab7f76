import { defineCommand } from '../command.js';
import { agentFlags, agentFlagTable } from './agent-flags.js';

export const agent = defineCommand({
  usage: 'agent [options]',
  description: [
    'Runs an agent until it is told to leave ("tserf leave", or Ctrl-C). It joins the cluster, answers the others, and serves the other commands over RPC.',
    'Takes the configuration files of Serf; a flag goes before a file.',
  ],
  flags: agentFlagTable,
  helpPrefix: '==> ',
  examples: [
    ['tserf agent -node=web-1 -tag role=web', 'The first node, on the usual ports.'],
    ['tserf agent -node=web-2 -tag role=web -join=10.0.0.5', 'A second one, on another machine.'],
    [
      'tserf agent -node=b -bind=127.0.0.1:7947 -rpc-addr=127.0.0.1:7374 -join=127.0.0.1:7946',
      'A second one on the same machine, on ports of its own.',
    ],
  ],
  async run(context) {
    const { runAgent } = await import('@tserf/agent');
    const { stdout, stderr } = context.io;
    context.io.outliveOutput();
    return runAgent({ flags: agentFlags(context), stdout, stderr });
  },
});
