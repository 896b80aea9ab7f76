import { goQuote } from '@tserf/core/go-quote';
import { defineCommand, printUsageError } from '../command.js';
import { estimateRttNanoseconds, formatMilliseconds } from '../format/coordinate.js';
import { showValue } from '../format/show.js';
import { printLine } from '../io.js';
import { formatFlag, printResult, refuseFormat } from '../output.js';
import { failureText, printFailure, rpcFlags, withAgent } from '../rpc.js';

export const rtt = defineCommand({
  usage: 'rtt [options] node1 [node2]',
  description: [
    "Estimates the round trip time between two nodes from their network coordinates, without sending anything between them. Without a second name it is the agent's own node.",
  ],
  argument: 'node',
  flags: { ...formatFlag, ...rpcFlags },
  examples: [['tserf rtt web-1 db-1', 'How far these two are apart.']],
  async run(context) {
    const { args, io } = context;
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;

    return withAgent(context, 'Error getting coordinates', async (client) => {
      const [first, second, ...more] = args;
      // Only now, as Serf does: it connects before it counts (spec/06 §1.5).
      if (first === undefined || more.length > 0) {
        return printUsageError(context, 'One or two node names must be specified');
      }
      let other = second;
      if (other === undefined) {
        try {
          other = (await client.stats())['agent']?.['name'] ?? '';
        } catch (error) {
          return printFailure(io, 'Error querying agent', failureText(error));
        }
      }

      const coordinates = [];
      for (const node of [first, other]) {
        const coordinate = await client.getCoordinate(node);
        if (coordinate === undefined) {
          printLine(io.stdout, `Could not find a coordinate for node ${goQuote(node)}`);
          return 1;
        }
        coordinates.push(coordinate);
      }
      const [a, b] = coordinates;
      const nanoseconds = a && b && estimateRttNanoseconds(a, b);
      if (nanoseconds === undefined) {
        const dimensions = coordinates.map(({ vector }) => vector.length).join(' and ');
        return printFailure(
          io,
          'Error getting coordinates',
          `the two nodes' coordinates differ in their dimensions (${dimensions}), so there is no distance`,
        );
      }
      const pair = `${showValue(first)} <-> ${showValue(other)}`;
      await printResult(context, `Estimated ${pair} rtt: ${formatMilliseconds(nanoseconds)} ms`, {
        nodes: [first, other],
        rtt_ms: nanoseconds / 1e6,
      });
      return 0;
    });
  },
});
