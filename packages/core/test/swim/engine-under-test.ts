import type { SwimHooks } from '../../src/swim/hooks.js';
import type { SwimInput } from '../../src/swim/input.js';
import { profiles, type SwimOptions } from '../../src/swim/options.js';
import type { SwimNotice, SwimOutput, SwimReport } from '../../src/swim/output.js';
import type { Random } from '../../src/swim/random.js';
import { Swim } from '../../src/swim/swim.js';
import type { SwimTimer } from '../../src/swim/timer.js';
import type { Endpoint } from '../../src/wire/endpoint.js';
import { decodeMessage } from '../../src/wire/message-codec.js';
import type { Alive, GossipMessage, PushPullNode } from '../../src/wire/messages.js';
import type { NodeVersions } from '../../src/wire/versions.js';

export const versions: NodeVersions = {
  protocolMin: 1,
  protocolMax: 5,
  protocolCurrent: 2,
  delegateMin: 2,
  delegateMax: 5,
  delegateCurrent: 5,
};

export const noBytes = new Uint8Array(0);
export const bytes = (text: string) => new TextEncoder().encode(text);
export const address = (last: number) => Uint8Array.of(10, 0, 0, last);
export const mappedAddress = (last: number) =>
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last);
export const endpoint = (last: number, port = 7946): Endpoint => ({ host: `10.0.0.${last}`, port });

/** This node is `self` at 10.0.0.1. */
export function optionsOf(changes: Partial<SwimOptions> = {}): SwimOptions {
  return {
    ...profiles.lan,
    name: 'self',
    address: address(1),
    port: 7946,
    versions,
    packetBudgetBytes: 1_400,
    packetOverheadBytes: 0,
    deadNodeReclaimMs: 0,
    disableStreamProbes: false,
    broadcastQueueLimit: 4_096,
    memberLimit: 10_000,
    allowedNetworks: [],
    ...changes,
  };
}

function hooksOf(changes: Partial<SwimHooks> = {}): SwimHooks {
  return {
    nodeMeta: () => noBytes,
    broadcasts: () => [],
    localState: () => noBytes,
    ackPayload: () => undefined,
    ...changes,
  };
}

/** A small generator with a seed (mulberry32): the same seed, the same run. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Sent {
  readonly to: Endpoint;
  readonly messages: readonly GossipMessage[];
  readonly checksum: boolean;
  readonly probe: number | undefined;
}

interface Alarm {
  readonly atMs: number;
  readonly timer: SwimTimer;
}

/** One engine in virtual time: it keeps the timers that were asked for and feeds them when they are due. */
export class Engine {
  readonly swim: Swim;
  nowMs = 0;
  #alarms: Alarm[] = [];

  constructor(
    options: Partial<SwimOptions> = {},
    hooks: Partial<SwimHooks> = {},
    random: Random = seeded(1),
  ) {
    this.swim = new Swim(optionsOf(options), hooksOf(hooks), random);
  }

  get alarms(): readonly Alarm[] {
    return this.#alarms;
  }

  feed(input: SwimInput): SwimOutput[] {
    const outputs = this.swim.handle(input, this.nowMs);
    for (const output of outputs) {
      if (output.type === 'schedule') {
        this.#alarms.push({ atMs: output.atMs, timer: output.timer });
      }
    }
    return outputs;
  }

  hear(message: GossipMessage, from: Endpoint = endpoint(99)): SwimOutput[] {
    return this.feed({ type: 'message', message, from, via: 'packet' });
  }

  /** Runs what falls due until then, each timer at its time, and returns all outputs. */
  runUntil(untilMs: number): SwimOutput[] {
    const outputs: SwimOutput[] = [];
    for (;;) {
      const alarm = this.#takeDue(untilMs);
      if (alarm === undefined) break;
      this.nowMs = Math.max(this.nowMs, alarm.atMs);
      outputs.push(...this.feed({ type: 'timer', timer: alarm.timer }));
    }
    this.nowMs = untilMs;
    return outputs;
  }

  /** The process stands still until then; afterwards all that is due comes at once. */
  standStillUntil(untilMs: number): SwimOutput[] {
    this.nowMs = untilMs;
    const outputs: SwimOutput[] = [];
    for (;;) {
      const alarm = this.#takeDue(untilMs);
      if (alarm === undefined) return outputs;
      outputs.push(...this.feed({ type: 'timer', timer: alarm.timer }));
    }
  }

  #takeDue(untilMs: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.atMs <= untilMs && (next === undefined || alarm.atMs < next.atMs)) next = alarm;
    }
    if (next !== undefined) this.#alarms.splice(this.#alarms.indexOf(next), 1);
    return next;
  }
}

/** An engine that has started, with these others alive: `b` at 10.0.0.2, `c` at 10.0.0.3, … */
export function engineWith(
  others: readonly string[],
  options: Partial<SwimOptions> = {},
  hooks: Partial<SwimHooks> = {},
  random?: Random,
): Engine {
  const engine = new Engine(options, hooks, random);
  engine.feed({ type: 'start' });
  others.forEach((name, index) => {
    engine.hear(aliveOf(name, index + 2));
  });
  return engine;
}

/** The same without any loop of its own: for rules that are looked at one by one. */
export function quietEngineWith(
  others: readonly string[],
  options: Partial<SwimOptions> = {},
  hooks: Partial<SwimHooks> = {},
): Engine {
  return engineWith(others, { ...noLoops, ...options }, hooks);
}

export const noLoops = { pushPullIntervalMs: 0, gossipIntervalMs: 0 } as const;

export function aliveOf(node: string, last: number, changes: Partial<Alive> = {}): Alive {
  return {
    type: 'alive',
    incarnation: 1,
    node,
    address: address(last),
    port: 7946,
    meta: noBytes,
    versions,
    ...changes,
  };
}

export function suspectOf(node: string, incarnation: number, from: string): GossipMessage {
  return { type: 'suspect', incarnation, node, from };
}

export function deadOf(node: string, incarnation: number, from: string): GossipMessage {
  return { type: 'dead', incarnation, node, from };
}

export function nodeOf(
  name: string,
  last: number,
  changes: Partial<PushPullNode> = {},
): PushPullNode {
  return {
    name,
    address: address(last),
    port: 7946,
    meta: noBytes,
    incarnation: 1,
    state: 'alive',
    versions,
    ...changes,
  };
}

/** What was sent, with its parts decoded. */
export function packetsIn(outputs: readonly SwimOutput[]): Sent[] {
  return outputs
    .filter((output) => output.type === 'packet')
    .map(({ to, parts, checksum, probe }) => ({
      to,
      messages: parts.map(decodeMessage),
      checksum,
      probe,
    }));
}

const noticeTypes: readonly string[] = [
  'joined',
  'departed',
  'updated',
  'conflict',
  'userMessage',
  'userState',
  'pingComplete',
  'broadcastFinished',
  'pingResult',
];

export function noticesIn(outputs: readonly SwimOutput[]): SwimNotice[] {
  return outputs.filter((output): output is SwimNotice => noticeTypes.includes(output.type));
}

function reportsIn(outputs: readonly SwimOutput[]): SwimReport[] {
  return outputs.filter((output) => output.type === 'report');
}

export function codesIn(outputs: readonly SwimOutput[]): string[] {
  return reportsIn(outputs).map(({ code }) => code);
}

/** What waits to be gossiped, as the first peer would get it. Counts as one transmission. */
export function drainGossip(engine: Engine): GossipMessage[] {
  const outputs = engine.hear({
    type: 'ping',
    sequence: 1,
    node: '',
    sourceAddress: undefined,
    sourcePort: 0,
    sourceNode: '',
  });
  return packetsIn(outputs).flatMap(({ messages }) => messages.slice(1));
}
