import type { MemberRecord } from '@tserf/client';
import { defineCommand } from '../command.js';
import { bool, list, splitPair, text } from '../flags.js';
import { showValue } from '../format/show.js';
import { printLine } from '../io.js';
import { formatFlag } from '../output.js';
import { printFailure, rpcFlags, withAgent } from '../rpc.js';

export const members = defineCommand({
  usage: 'members [options]',
  description: [
    'Lists the members of the cluster as the agent sees it: name, address, status and tags; sorted by name.',
    'The filters are regular expressions that must match the whole value. Put alternatives in parentheses: "^" and "$" are added around the pattern as it is.',
  ],
  flags: {
    detailed: bool('Also the protocol versions (text only; JSON always has them).', false),
    ...formatFlag,
    name: text('REGEX', 'Only members of such a name.', ''),
    role: text('REGEX', 'Deprecated: -tag role=REGEX does the same.', ''),
    status: text('REGEX', 'Only members of such a status: alive, leaving, left or failed.', '', [
      'alive',
      'leaving',
      'left',
      'failed',
    ]),
    tag: list(
      'KEY=REGEX',
      'Only members with such a tag. May be given many times; all must match.',
    ),
    ...rpcFlags,
  },
  examples: [
    ['tserf members -status=alive -tag role=web', 'The web servers that are up.'],
    ["tserf members -format=json | jq -r '.members[].name'", 'All names, for a script.'],
  ],
  async run(context) {
    const { flags, io } = context;
    const tags = new Map<string, string>();
    if (flags.role !== '') {
      printLine(io.stdout, "Deprecation warning: 'Role' has been replaced with 'Tags'");
    }
    for (const pair of flags.tag) {
      const tag = splitPair(pair);
      if (tag === undefined) {
        return printFailure(io, 'Error', `Invalid tag: '${showValue(pair)}'`);
      }
      tags.set(tag.key, tag.value);
    }
    // It goes before a -tag for the role, wherever that stands.
    if (flags.role !== '') tags.set('role', flags.role);

    return withAgent(context, 'Error retrieving members', async (client) => {
      const { name, status, format, detailed } = flags;
      // Loaded while the agent is asked: whoever waits for the list shouldn't wait for both.
      const [found, print] = await Promise.all([
        client.membersFiltered({ name, status, tags: Object.fromEntries(tags) }),
        loadPrinter(format, detailed),
      ]);
      // Only now, as Serf does: a bad format costs a request (spec/06 §1.5).
      if (print === undefined) {
        return printFailure(io, 'Encoding error', `Invalid output format "${showValue(format)}"`);
      }
      printLine(io.stdout, print(found));
      return 0;
    });
  },
});

type Printer = (members: readonly MemberRecord[]) => string;

/** What writes the list in that format; `undefined` when there is no such format. */
async function loadPrinter(format: string, isDetailed: boolean): Promise<Printer | undefined> {
  switch (format) {
    case 'text': {
      const { formatMembersText } = await import('../format/members-text.js');
      return (members) => formatMembersText(members, isDetailed);
    }
    case 'json':
      return (await import('../format/members-json.js')).formatMembersJson;
    default:
      return undefined;
  }
}
