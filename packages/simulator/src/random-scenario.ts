import type { NetworkModel } from './network.js';
import { RandomSource } from './random-source.js';
import { type Nodes, nodeNames, type Scenario, type Step } from './scenario.js';

/** Faults begin when the first joins are through. */
const firstFaultMs = 8_000;

/** What a seed draws from: its cluster, and the time in which faults begin. */
interface Draw {
  readonly random: RandomSource;
  readonly names: readonly string[];
  readonly untilMs: number;
}

/**
 * The scenario that a seed stands for: a cluster of 5 to 100 nodes, most of them small, on a network of random quality,
 * befallen by random faults. The first node always comes back, so that whoever starts finds somebody to join.
 */
export function randomScenario(seed: number): Scenario {
  const random = new RandomSource(seed).fork(3);
  const nodes = randomSize(random);
  const runMs = random.integer(20_000, 60_000);
  const draw: Draw = { random, names: nodeNames(nodes), untilMs: runMs };
  const steps = [
    { atMs: 0, do: 'network', network: randomNetwork(random) } as const,
    ...Array.from({ length: random.integer(2, 4 + Math.floor(nodes / 8)) }, () =>
      random.pick(kindsOfFaults)(draw),
    ).flat(),
    ...Array.from({ length: random.integer(1, 3) }, () => random.pick(kindsOfTalk)(draw)).flat(),
  ];
  return {
    name: `seed ${seed}`,
    nodes,
    profile: random.pick(['lan', 'local']),
    compression: random.chance(0.2),
    encryption: random.chance(0.1),
    steps: steps.sort((one, other) => one.atMs - other.atMs),
    runMs,
    // Who comes back at another address waits until its old entry is reaped: up to a whole cycle of probes. A leave
    // that was lost in gossip travels by push/pull alone: some doublings, a minute or more each.
    settleMs: 900_000,
  };
}

function randomSize(random: RandomSource): number {
  const share = random.next();
  if (share < 0.65) return random.integer(5, 12);
  if (share < 0.9) return random.integer(13, 30);
  if (share < 0.97) return random.integer(31, 60);
  return random.integer(61, 100);
}

function randomNetwork(random: RandomSource): NetworkModel {
  const isGood = random.chance(0.3);
  return {
    latencyMs: random.between(0.1, 10),
    jitterMs: random.between(0, 15),
    loss: isGood ? 0 : random.between(0, 0.1),
    duplication: isGood ? 0 : random.between(0, 0.05),
    reordering: isGood ? 0 : random.between(0, 0.1),
    reorderingDelayMs: random.between(1, 300),
  };
}

/** Each tells one small story, of one step or more. */
const kindsOfFaults: readonly ((draw: Draw) => Step[])[] = [
  crash,
  crash,
  restart,
  leave,
  pause,
  pause,
  stutter,
  latePackets,
  cut,
  cut,
  split,
  split,
  badNetwork,
  newTags,
  forceLeave,
  massRestart,
];

/** What the nodes say to each other meanwhile. */
const kindsOfTalk: readonly ((draw: Draw) => Step[])[] = [events, events, query, newKey];

function crash({ random, names, untilMs }: Draw): Step[] {
  const node = random.pick(names);
  const atMs = random.between(firstFaultMs, untilMs);
  const isFinal = node !== names[0] && random.chance(0.4);
  return [
    { atMs, do: 'crash', node, silent: random.chance(0.4) },
    ...(isFinal ? [] : [comeBack(random, node, atMs, untilMs)]),
  ];
}

function restart({ random, names, untilMs }: Draw): Step[] {
  const atMs = random.between(firstFaultMs, untilMs);
  return [{ atMs, do: 'restart', node: random.pick(names), address: randomAddress(random) }];
}

function leave({ random, names, untilMs }: Draw): Step[] {
  const node = random.pick(names);
  const atMs = random.between(firstFaultMs, untilMs);
  const isFinal = node !== names[0] && random.chance(0.5);
  return [{ atMs, do: 'leave', node }, ...(isFinal ? [] : [comeBack(random, node, atMs, untilMs)])];
}

function comeBack(random: RandomSource, node: string, goneMs: number, untilMs: number): Step {
  return {
    atMs: random.between(goneMs, untilMs),
    do: 'start',
    node,
    address: randomAddress(random),
  };
}

function pause({ random, names, untilMs }: Draw): Step[] {
  return random.sample(names, random.integer(1, 3)).map((node) => ({
    atMs: random.between(firstFaultMs, untilMs),
    do: 'pause',
    node,
    forMs: random.between(200, 20_000),
    first: random.chance(0.8) ? 'packets' : 'timers',
  }));
}

function stutter({ random, names, untilMs }: Draw): Step[] {
  return [
    {
      atMs: random.between(firstFaultMs, untilMs),
      do: 'stutter',
      node: random.pick(names),
      stallMs: random.between(50, 1_500),
      runMs: random.between(20, 1_500),
      forMs: random.between(2_000, 30_000),
    },
  ];
}

function latePackets({ random, names, untilMs }: Draw): Step[] {
  return [
    {
      atMs: random.between(firstFaultMs, untilMs),
      do: 'latePackets',
      node: random.pick(names),
      byMs: random.between(50, 3_000),
      forMs: random.between(2_000, 20_000),
    },
  ];
}

function cut({ random, names, untilMs }: Draw): Step[] {
  const some = (): Nodes =>
    random.chance(0.3)
      ? 'all'
      : random.sample(names, random.integer(1, Math.ceil(names.length / 3)));
  return [
    {
      atMs: random.between(firstFaultMs, untilMs),
      do: 'cut',
      from: some(),
      to: some(),
      forMs: random.between(500, 30_000),
      sendErrors: random.chance(0.3),
    },
  ];
}

function split({ random, names, untilMs }: Draw): Step[] {
  const shuffled = random.sample(names, names.length);
  const first = random.integer(1, names.length - 1);
  const second = random.chance(0.3) ? random.integer(first, names.length) : names.length;
  return [
    {
      atMs: random.between(firstFaultMs, untilMs),
      do: 'partition',
      groups: [shuffled.slice(0, first), shuffled.slice(first, second)],
      forMs: random.between(1_000, 40_000),
    },
  ];
}

function badNetwork({ random, untilMs }: Draw): Step[] {
  return [
    {
      atMs: random.between(firstFaultMs, untilMs),
      do: 'network',
      network: { loss: random.between(0.2, 0.7), duplication: random.between(0, 0.3) },
      forMs: random.between(1_000, 15_000),
    },
  ];
}

function newTags({ random, names, untilMs }: Draw): Step[] {
  const node = random.pick(names);
  return Array.from({ length: random.integer(1, 3) }, (_, index) => ({
    atMs: random.between(firstFaultMs, untilMs),
    do: 'setTags',
    node,
    tags: { role: random.pick(['web', 'db', 'cache']), version: String(index) },
  }));
}

function forceLeave({ random, names, untilMs }: Draw): Step[] {
  const [node = '', target = ''] = random.sample(names, 2);
  return [
    {
      atMs: random.between(firstFaultMs, untilMs),
      do: 'forceLeave',
      node,
      target,
      prune: random.chance(0.5),
    },
  ];
}

/** Some at once, from one node or from many. */
function events({ random, names, untilMs }: Draw): Step[] {
  const atMs = random.between(firstFaultMs, untilMs);
  const story = random.integer(1, 1e9);
  return Array.from({ length: random.integer(1, 20) }, (_, index) => ({
    atMs: atMs + random.between(0, 2_000),
    do: 'event',
    node: random.pick(names),
    name: `event ${story}-${index}`,
  }));
}

function query({ random, names, untilMs }: Draw): Step[] {
  return [
    {
      atMs: random.between(firstFaultMs, untilMs),
      do: 'query',
      node: random.pick(names),
      name: `query ${random.integer(1, 1e9)}`,
      relayFactor: random.chance(0.5) ? random.integer(1, 4) : 0,
      endEarly: random.chance(0.5),
    },
  ];
}

/** A key more harms nobody, whoever misses it. */
function newKey({ random, names, untilMs }: Draw): Step[] {
  return [
    {
      atMs: random.between(firstFaultMs, untilMs),
      do: 'keys',
      node: random.pick(names),
      operation: random.pick(['install', 'list'] as const),
      key: 2,
    },
  ];
}

/** Most of the cluster at once, as a careless deployment does. */
function massRestart({ random, names, untilMs }: Draw): Step[] {
  const atMs = random.between(firstFaultMs, untilMs);
  const nodes = random.sample(names, random.integer(2, names.length));
  return nodes.map((node) => ({ atMs: atMs + random.between(0, 500), do: 'restart', node }));
}

function randomAddress(random: RandomSource): 'same' | 'new' {
  return random.chance(0.3) ? 'new' : 'same';
}
