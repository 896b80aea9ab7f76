/**
 * Runs the real Serf and tserf in turn on the same work and prints both figures and their ratio (tserf / Serf).
 * `npm run bench` runs all; `npm run bench -- start idle` picks some; `SERF_NEWEST` names the Serf to compare with.
 */
import { availableParallelism } from 'node:os';
import { type CommandLine, tserf } from '../../test/harness/agents.ts';
import { endAll } from '../../test/harness/processes.ts';
import { serfBinaries } from '../components.mjs';
import { cluster } from './cluster.ts';
import { type Benchmark, print } from './figures.ts';
import { start } from './start.ts';

const benchmarks: Readonly<Record<string, Benchmark>> = { start, cluster };

const newest = serfBinaries().findLast(({ path }) => path !== undefined);
if (!newest?.path) {
  console.error(`No Serf to compare with: ${serfBinaries()[1]?.remedy}`);
  process.exit(1);
}
const serf: CommandLine = { kind: 'serf', command: newest.path, before: [] };

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in benchmarks));
if (unknown) {
  console.error(
    `No benchmark is called '${unknown}'. There are: ${Object.keys(benchmarks).join(', ')}`,
  );
  process.exit(1);
}
console.log(
  `tserf on Node ${process.version}, Serf ${newest.version}, ${availableParallelism()} cores; ratio is tserf / Serf\n`,
);
try {
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    print(await benchmark({ serf, tserf }));
  }
} finally {
  await endAll();
}
