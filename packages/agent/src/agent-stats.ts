import { arch, availableParallelism, cpus, platform } from 'node:os';
import type { Stats } from '@tserf/client';
import type { Tags } from '@tserf/core';

export interface StatsFacts {
  readonly node: string;
  readonly tags: Tags;
  /** The gossip layer's own counters. */
  readonly serf: Readonly<Record<string, string>>;
  /** Scripts by the events that they are for. */
  readonly eventHandlers: Readonly<Record<string, string>>;
  /** Counters of handlers; Serf has none, so without handlers there is no such section. */
  readonly handlers: Readonly<Record<string, string>>;
}

/**
 * What `serf info` shows (spec/05 §8.14), every value as text. Operating system and processor have Go's names, so that
 * dashboards see no difference; `goroutines` counts what keeps the event loop busy.
 */
export function agentStats(facts: StatsFacts): Stats {
  const { node, tags, serf, eventHandlers, handlers } = facts;
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
    event_handlers: { ...eventHandlers },
    ...(Object.keys(handlers).length > 0 && { handlers: { ...handlers } }),
  };
}

const goArchitectures: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
]);
