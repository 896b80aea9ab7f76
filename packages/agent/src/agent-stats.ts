import { arch, availableParallelism, cpus, platform } from 'node:os';
import type { Stats } from '@tserf/client';
import type { Tags } from '@tserf/core';

export interface StatsFacts {
  readonly node: string;
  readonly tags: Tags;
  /** The gossip layer's own counters. */
  readonly serf: Readonly<Record<string, string>>;
}

/**
 * What `serf info` shows (spec/05 §8.14), every value as text. Operating system and processor have Go's names, so that
 * dashboards see no difference; `goroutines` counts what keeps the event loop busy.
 */
export function agentStats({ node, tags, serf }: StatsFacts): Stats {
  return {
    agent: { name: node },
    runtime: {
      os: platform() === 'win32' ? 'windows' : platform(),
      arch: goArchitectures.get(arch()) ?? arch(),
      version: `node${process.version}`,
      max_procs: String(availableParallelism()),
      goroutines: String(process.getActiveResourcesInfo().length),
      cpu_count: String(cpus().length),
    },
    serf: { ...serf },
    tags: { ...tags },
    event_handlers: {},
  };
}

const goArchitectures: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
]);
