import { defineCommand } from '../command.js';
import { list, splitPair } from '../flags.js';
import { showValue } from '../format/show.js';
import { printLine } from '../io.js';
import { formatFlag, printResult, refuseFormat } from '../output.js';
import { printFailure, rpcFlags, withAgent } from '../rpc.js';

export const tags = defineCommand({
  usage: 'tags [options]',
  description: [
    "Changes the agent's own tags, and tells the cluster. A tag that is set and deleted at once ends up set. All tags together must fit into 512 bytes.",
  ],
  flags: {
    set: list('KEY=VALUE', 'Set a tag. May be given many times.'),
    delete: list('KEY', 'Remove a tag, if it is there. May be given many times.'),
    ...formatFlag,
    ...rpcFlags,
  },
  examples: [['tserf tags -set role=web -delete canary', 'Another role, and no canary any more.']],
  async run(context) {
    const { flags, io } = context;
    if (flags.set.length === 0 && flags.delete.length === 0) {
      printLine(io.stdout, await context.help());
      return 1;
    }
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;

    return withAgent(context, 'Error setting tags', async (client) => {
      const set = new Map<string, string>();
      for (const pair of flags.set) {
        const tag = splitPair(pair);
        // Only now, as Serf does: a connection that cannot be made is told first (spec/06 §1.5).
        if (tag === undefined) {
          return printFailure(io, 'Error', `Invalid tag: '${showValue(pair)}'`);
        }
        set.set(tag.key, tag.value);
      }
      await client.updateTags({ set: Object.fromEntries(set), delete: flags.delete });
      await printResult(context, 'Successfully updated agent tags', {
        set,
        deleted: flags.delete.filter((key) => !set.has(key)),
      });
      return 0;
    });
  },
});
