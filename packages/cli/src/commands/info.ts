import { defineCommand } from '../command.js';
import { trimSpace } from '../format/columns.js';
import { formatJson } from '../format/json.js';
import { sortedEntries } from '../format/order.js';
import { showValue } from '../format/show.js';
import { printLine } from '../io.js';
import { formatFlag } from '../output.js';
import { printFailure, rpcFlags, withAgent } from '../rpc.js';

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const info = defineCommand({
  usage: 'info [options]',
  description: [
    'Shows what the agent says about itself: name, counters and queues, tags, runtime.',
  ],
  flags: {
    ...formatFlag,
    ...rpcFlags,
  },
  examples: [['tserf info -format=json | jq -r .serf.health_score', 'One value, for a script.']],
  async run(context) {
    const { flags, io } = context;
    return withAgent(context, 'Error querying agent', async (client) => {
      const stats = await client.stats();
      switch (flags.format) {
        case 'text':
          printLine(io.stdout, formatText(stats));
          return 0;
        case 'json':
          printLine(io.stdout, formatStatsJson(stats));
          return 0;
        default:
          return printFailure(
            io,
            'Encoding error',
            `Invalid output format "${showValue(flags.format)}"`,
          );
      }
    });
  },
});

/** Each section's name, then its values. Blanks at the end of the last tag are lost, as in Serf. */
function formatText(stats: Sections): string {
  const lines: string[] = [];
  for (const [section, values] of sortedEntries(stats)) {
    lines.push(`${showValue(section)}:`);
    for (const [key, value] of sortedEntries(values)) {
      lines.push(`\t${showValue(key)} = ${showValue(value)}`);
    }
  }
  return trimSpace(lines.join('\n'));
}

function formatStatsJson(stats: Sections): string {
  const sections = Object.entries(stats).map(
    ([section, values]) => [section, new Map(Object.entries(values))] as const,
  );
  return formatJson(new Map(sections));
}
