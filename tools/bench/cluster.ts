import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@tserf/client';
import { Agent, type CommandLine } from '../../test/harness/agents.ts';
import { type Benchmark, median } from './figures.ts';

const size = 20;
const rounds = 3;
const idleSeconds = 20;
/** Ticks of /proc/PID/stat; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** A cluster of 20: until all see each other, then what it costs to do nothing. */
export const cluster: Benchmark = async ({ serf, tserf }) => {
  const results = { serf: [] as ClusterFigures[], tserf: [] as ClusterFigures[] };
  for (let round = 0; round < rounds; round += 1) {
    results.serf.push(await measure(serf));
    results.tserf.push(await measure(tserf));
  }
  const figure = (what: string, unit: string, pick: (figures: ClusterFigures) => number) => ({
    what,
    unit,
    serf: results.serf.map(pick),
    tserf: results.tserf.map(pick),
  });
  return [
    figure(`${size} agents: join until all see all`, 'ms', (each) => each.convergedMs),
    figure('resident memory of an agent, idle', 'MiB', (each) => each.residentMiB),
    figure('CPU of an agent, idle', '%', (each) => each.idlePercent),
  ];
};

interface ClusterFigures {
  readonly convergedMs: number;
  readonly residentMiB: number;
  readonly idlePercent: number;
}

async function measure(line: CommandLine): Promise<ClusterFigures> {
  const agents: Agent[] = [];
  for (let index = 0; index < size; index += 1) {
    agents.push(await Agent.start(line, { node: `bench-${index}` }));
  }
  const clients = await Promise.all(agents.map(({ rpc }) => Client.connect({ address: rpc })));

  const from = performance.now();
  const seed = (agents[0] as Agent).gossip;
  await Promise.all(clients.slice(1).map((client) => client.join([seed])));
  await Promise.all(clients.map((client) => untilItSeesAll(client)));
  const convergedMs = performance.now() - from;
  for (const client of clients) client.close();

  // Rumours of the join die down first.
  await sleep(10_000);
  const before = agents.map(cpuSeconds);
  await sleep(idleSeconds * 1_000);
  const idle = agents.map((agent, index) => cpuSeconds(agent) - (before[index] ?? 0));
  const figures = {
    convergedMs,
    residentMiB: median(agents.map((agent) => agent.residentMiB())),
    idlePercent: (100 * median(idle)) / idleSeconds,
  };
  await Promise.all(agents.map((agent) => agent.kill()));
  return figures;
}

async function untilItSeesAll(client: Client): Promise<void> {
  for (;;) {
    const members = await client.members();
    if (members.filter(({ status }) => status === 'alive').length === size) return;
    await sleep(20);
  }
}

function cpuSeconds(agent: Agent): number {
  const stat = readFileSync(`/proc/${agent.process.pid}/stat`, 'utf8');
  // The name in parentheses may hold blanks; utime and stime are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
