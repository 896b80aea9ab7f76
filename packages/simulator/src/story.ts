import type { Result } from './result.js';

/** The command that plays a seed's scenario again and tells its story, from the root of this repository. */
export function replayCommand(seed: number): string {
  return `npm run replay -w packages/simulator -- ${seed}`;
}

/** What a person needs to know of a run that broke rules: which, where, and how to see it again. */
export function describeFailure({ seed, scenario, violations }: Result): string {
  const lines = violations.map(
    ({ rule, atMs, node, detail }) =>
      `${rule} at ${atMs.toFixed(1)} ms${node === undefined ? '' : ` on ${node}`}: ${detail}`,
  );
  return [
    `${scenario.name}, ${scenario.nodes} nodes`,
    ...lines,
    `Replay: ${replayCommand(seed)}`,
  ].join('\n');
}
