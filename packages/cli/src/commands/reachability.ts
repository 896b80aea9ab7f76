import type { QueryUpdate } from '@tserf/client';
import { type CommandContext, defineCommand } from '../command.js';
import { bool, type FlagTable } from '../flags.js';
import { compareText } from '../format/order.js';
import { showValue } from '../format/show.js';
import { printLine } from '../io.js';
import { formatFlag, printResult, refuseFormat } from '../output.js';
import { eachUpdate } from '../query-updates.js';
import { failureText, printFailure, type RpcClient, rpcFlags, withAgent } from '../rpc.js';

const flags = {
  verbose: bool('Show each answer, and how long all took.', false),
  early: bool(
    'End as soon as every live member has answered, not only when the time is over.',
    false,
  ),
  ...formatFlag,
  ...rpcFlags,
} satisfies FlagTable;

type ReachabilityContext = CommandContext<typeof flags>;

export const reachability = defineCommand({
  usage: 'reachability [options]',
  description: [
    'Sends a query through the cluster and compares who confirms it with the members that the agent holds for alive. Finds nodes that are told to be alive and cannot be reached, and names that two nodes share. The exit code is 0 only when the two agree.',
  ],
  flags,
  examples: [['tserf reachability -verbose', 'Who answers, and how fast.']],
  async run(context) {
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;
    return withAgent(context, 'Error sending query', (client) => test(client, context));
  },
});

/** Who confirmed, compared with who is alive. */
interface Findings {
  readonly total: number;
  readonly live: ReadonlySet<string>;
  /** In the order of their coming, doubles included. */
  readonly acks: readonly string[];
  readonly duplicates: readonly string[];
}

async function test(client: RpcClient, context: ReachabilityContext): Promise<number> {
  const { flags, io } = context;
  const isText = flags.format === 'text';
  const say = (line: string) => {
    if (isText) printLine(io.stdout, line);
  };

  let members: Awaited<ReturnType<RpcClient['members']>>;
  try {
    members = await client.members();
  } catch (error) {
    return printFailure(io, 'Error getting members', failureText(error));
  }
  const live = new Set(members.filter(({ status }) => status === 'alive').map(({ name }) => name));
  say(`Total members: ${members.length}, live members: ${live.size}`);

  const startMs = performance.now();
  const updates = await client.query('_serf_ping', undefined, { requestAck: true });
  const acks: string[] = [];
  const duplicates: string[] = [];
  const seen = new Set<string>();
  const missing = new Set(live);
  let lastMs = startMs;
  const begin = () => say('Starting reachability test...');
  const take = ({ type, from }: QueryUpdate) => {
    if (type !== 'ack') return false;
    if (flags.verbose) say(`\tAck from '${showValue(from)}'`);
    if (seen.has(from)) {
      say(`Duplicate response from '${showValue(from)}'`);
      duplicates.push(from);
    }
    acks.push(from);
    seen.add(from);
    missing.delete(from);
    lastMs = performance.now();
    return flags.early && missing.size === 0;
  };
  const end = await eachUpdate(updates, { client, io }, { begin, take });
  if (end === 'interrupted') {
    printLine(io.stdout, 'Test interrupted');
    return 1;
  }
  if (flags.verbose) {
    const tookMs = performance.now() - startMs;
    say(
      `Query time: ${seconds(tookMs)} sec, time to last response: ${seconds(lastMs - startMs)} sec`,
    );
  }
  return report({ total: members.length, live, acks, duplicates }, context);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

async function report(findings: Findings, context: ReachabilityContext): Promise<number> {
  const { total, live, acks, duplicates } = findings;
  const seen = new Set(acks);
  const missing = [...live].filter((name) => !seen.has(name)).sort(compareText);
  const unexpected = acks.filter((name) => !live.has(name));
  const isReachable = acks.length === live.size && duplicates.length === 0;
  const lines: string[] = [];
  if (duplicates.length > 0) {
    lines.push(
      'Duplicate responses means there is a misconfiguration. Verify that node names are unique.',
    );
  }
  if (acks.length === live.size) {
    lines.push('Successfully contacted all live nodes');
  } else if (acks.length > live.size) {
    lines.push(
      'Received more acks than live nodes! Acks from non-live nodes:',
      ...unexpected.map((name) => `\t${showValue(name)}`),
      'This could mean Serf is detecting false-failures due to a misconfiguration or network issue.',
      TIPS,
    );
  } else {
    lines.push(
      'Received less acks than live nodes! Missing acks from:',
      ...missing.map((name) => `\t${showValue(name)}`),
      'This could mean Serf gossip packets are being lost due to a misconfiguration or network issue.',
      TIPS,
    );
  }
  await printResult(context, lines.join('\n'), {
    members: total,
    live: live.size,
    acks,
    missing,
    unexpected,
    duplicates,
    reachable: isReachable,
  });
  return isReachable ? 0 : 1;
}

const TIPS = `
Troubleshooting tips:
* Ensure that the bind addr:port is accessible by all other nodes
* If an advertise address is set, ensure it routes to the bind address
* Check that no nodes are behind a NAT
* If nodes are behind firewalls or iptables, check that Serf traffic is permitted (UDP and TCP)
* Verify networking equipment is functional`;
