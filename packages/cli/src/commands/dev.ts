import { profiles } from '../choices.js';
import { defineCommand } from '../command.js';
import type { PortRows } from '../dev/ports.js';
import { bool, integer, text } from '../flags.js';
import { printLine } from '../io.js';

/** As many as there are keys to press, and as a table can show at a glance. */
const MOST_NODES = 9;

export const dev = defineCommand({
  usage: 'dev [options]',
  description: [
    'Runs a small cluster in this terminal: real agents with real ports on 127.0.0.1, joined to each other, with members and events shown live. For getting to know tserf, and for trying an application against a cluster.',
    'On a terminal, the keys 1 to 9 crash an agent or start it again. Ctrl-C ends them all.',
  ],
  flags: {
    nodes: integer('N', `Number of agents, 1 to ${MOST_NODES}.`, 3),
    'gossip-port': integer(
      'PORT',
      'Gossip port of the first agent; the others have the next ones.',
      7946,
    ),
    'rpc-port': integer(
      'PORT',
      'RPC port of the first agent. Ports in use are passed over, in steps of ten.',
      7373,
    ),
    profile: text(
      'PROFILE',
      'Timing: "lan", "wan" or "local". A lan cluster takes longer to see a crash.',
      'local',
      profiles,
    ),
    plain: bool('Print lines that scroll, on a terminal too.', false),
  },
  examples: [
    ['tserf dev', 'Three agents; what to try on them is on the screen.'],
    ['tserf dev -nodes=5 -profile=lan', "Five, with a real network's patience."],
  ],
  async run({ flags, args, io, connect, help }) {
    const { nodes, profile, plain } = flags;
    const ports = { gossip: flags['gossip-port'], rpc: flags['rpc-port'] };
    const problem = findProblem({ nodes, ports, profile, args });
    if (problem !== undefined) {
      printLine(io.stderr, `Error: ${problem}\n\n${await help()}`);
      return 1;
    }

    const [{ runDev }, { startInProcess }, { findPortRows }] = await Promise.all([
      import('../dev/session.js'),
      import('../dev/in-process-agent.js'),
      import('../dev/ports.js'),
    ]);
    const options = { count: nodes, ports, profile, isPlain: plain };
    return runDev(options, io, { startAgent: startInProcess, connect, findPortRows });
  },
});

interface Wish {
  readonly nodes: number;
  readonly ports: PortRows;
  readonly profile: string;
  readonly args: readonly string[];
}

function findProblem({ nodes, ports, profile, args }: Wish): string | undefined {
  if (args.length > 0) return `dev takes no arguments, but got "${args[0]}"`;
  if (nodes < 1 || nodes > MOST_NODES) return `-nodes must be 1 to ${MOST_NODES}, not ${nodes}`;
  if (!profiles.includes(profile)) {
    return `-profile must be one of ${profiles.join(', ')}, not "${profile}"`;
  }
  const isPossible = (port: number) => port >= 1 && port + nodes <= 65_536;
  if (isPossible(ports.gossip) && isPossible(ports.rpc)) return undefined;
  return 'ports must be 1 to 65535, for every agent';
}
