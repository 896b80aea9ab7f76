import {
  type Endpoint,
  Keyring,
  type PacketSeal,
  packetOverheadBytes,
  profiles,
  type SerfEvent,
  type SerfNotice,
  type SerfOptions,
  type SerfReport,
  sealPacket,
  serfDefaults,
  type Tags,
} from '@tserf/core/pure';
import { firstDisagreement } from './agreement.js';
import { Faults } from './faults.js';
import { Host } from './host.js';
import { calmNetwork, Network } from './network.js';
import { RandomSource } from './random-source.js';
import type { Delivery, KeyOutcome, Observation, QueryOutcome, Result } from './result.js';
import { keyOf, nodeNames, type Scenario } from './scenario.js';
import { StepChecks } from './step-checks.js';
import { Streams } from './streams.js';
import { TraceHash } from './trace-hash.js';
import { VirtualTime } from './virtual-time.js';
import type { Address, Packet, World } from './world.js';

/** How often agreement is looked for after the faults have ended. */
const agreementCheckMs = 500;

/** More steps than any cluster takes at one moment: beyond it, time will not move any more. */
const stepsPerMoment = 1_000_000;

/** What a stock Serf agent announces (spec/01 §11). */
const versions = {
  protocolMin: 1,
  protocolMax: 5,
  protocolCurrent: 2,
  delegateMin: 2,
  delegateMax: 5,
  delegateCurrent: 5,
};

/** One run of one scenario with one seed. */
export class Simulation implements World {
  readonly time = new VirtualTime();
  readonly hash = new TraceHash();
  readonly checks = new StepChecks(this.time);
  readonly random: RandomSource;
  readonly network: Network;
  readonly streams: Streams;
  readonly seal: PacketSeal;
  readonly retryJoinMs: number;
  readonly keepsSnapshots: boolean;
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #log: ((line: string) => void) | undefined;
  readonly #hosts = new Map<string, Host>();
  readonly #byAddress = new Map<string, Host>();
  readonly #events: Observation[] = [];
  readonly #deliveries: Delivery[] = [];
  /** Of lives that have ended. */
  readonly #queries: QueryOutcome[] = [];
  readonly #keys: KeyOutcome[] = [];
  #addresses = 0;

  constructor(scenario: Scenario, seed: number, log?: (line: string) => void) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#log = log;
    this.random = new RandomSource(seed);
    this.network = new Network({ ...calmNetwork, ...scenario.network }, this.random.fork(1));
    this.streams = new Streams(this.time, this.network, (endpoint) => this.#hostAt(endpoint));
    this.retryJoinMs = scenario.retryJoinMs ?? 2_000;
    this.keepsSnapshots = scenario.snapshots ?? false;
    this.seal = {
      compression: scenario.compression ?? false,
      keyring: undefined,
      label: '',
      verifyIncoming: true,
      verifyOutgoing: true,
    };
  }

  run(): Result {
    const { runMs, settleMs = 180_000, holdMs = 5_000, steps = [] } = this.#scenario;
    this.#planStarts();
    const faults = new Faults(this);
    faults.plan(steps);
    this.#runUntil(runMs);
    faults.endAll();
    this.#say(`--- ${this.time.nowMs} ms: the faults have ended`);
    let agreedAfterMs: number | undefined;
    if (settleMs > 0 && !this.#isBroken) agreedAfterMs = this.#settle(settleMs, holdMs);
    return this.#result(agreedAfterMs);
  }

  host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const place = { name, index: this.#hosts.size, tags: this.#scenario.tags ?? {} };
    const host = new Host(place, this.newAddress(), this);
    this.#hosts.set(name, host);
    this.#byAddress.set(addressKey(host.endpoint), host);
    return host;
  }

  newAddress(): Address {
    this.#addresses += 1;
    const number = this.#addresses;
    const bytes = Uint8Array.of(10, (number >> 16) & 255, (number >> 8) & 255, number & 255);
    const endpoint = { host: bytes.join('.'), port: 7946 };
    const { addressBytes = 'mixed' } = this.#scenario;
    const isLong = addressBytes === 16 || (addressBytes === 'mixed' && number % 2 === 0);
    return { endpoint, bytes: isLong ? mappedIntoIPv6(bytes) : bytes };
  }

  optionsFor(name: string, address: Address, tags: Tags): SerfOptions {
    const { profile = 'lan', swim, serf } = this.#scenario;
    return {
      ...serfDefaults,
      ...serf,
      tags,
      seeds: this.#scenario.returnToSeeds === false ? [] : this.#seedNames(name),
      swim: {
        ...profiles[profile],
        name,
        address: address.bytes,
        port: address.endpoint.port,
        versions,
        packetBudgetBytes: 1_400,
        packetOverheadBytes: packetOverheadBytes({ ...this.seal, keyring: this.keyring() }),
        deadNodeReclaimMs: 0,
        disableStreamProbes: false,
        broadcastQueueLimit: 4_096,
        memberLimit: 100_000,
        allowedNetworks: [],
        ...swim,
      },
    };
  }

  keyring(): Keyring | undefined {
    if (this.#scenario.encryption !== true) return undefined;
    return new Keyring([keyOf(1)], keyOf(1));
  }

  seedsFor(host: Host): Endpoint[] {
    return this.#seedNames(host.name).map((name) => this.lookUp(name));
  }

  lookUp(name: string): Endpoint {
    return this.host(name).endpoint;
  }

  /** All seeds but the node itself. */
  #seedNames(self: string): string[] {
    return nodeNames(this.#scenario.nodes)
      .slice(0, this.#scenario.seeds ?? 3)
      .filter((name) => name !== self);
  }

  send(from: Host, packet: Packet): void {
    const { counters } = this.network;
    const sealed = sealPacket(packet.parts, packet.checksum, from.seal);
    // What is sealed begins with a number that no seed decides.
    if (from.keyring === undefined) from.trace(sealed);
    else for (const part of packet.parts) from.trace(part);
    this.checks.packet(from, sealed.length, packet.parts.length);
    counters.sent += 1;
    counters.bytes += sealed.length;
    const target = this.#hostAt(packet.to);
    const cut = target && this.network.cutBetween(from.name, target.name);
    if (target === undefined) counters.unheard += 1;
    else if (cut === undefined) this.#deliver(sealed, from.endpoint, packet.to);
    else {
      counters.cut += 1;
      if (cut.sendErrors) this.#reportSendError(from, packet.probe);
    }
  }

  started(host: Host): void {
    this.#byAddress.set(addressKey(host.endpoint), host);
    this.#tell(host, `starts at ${addressKey(host.endpoint)}`);
  }

  stopped(host: Host): void {
    this.#gather(host);
    this.#tell(host, host.fate === 'left' ? 'has left and stops' : 'crashes');
  }

  observe(host: Host, told: SerfNotice | SerfReport): void {
    switch (told.type) {
      case 'event':
        this.#observeEvent(host, told.event);
        break;
      case 'report':
        this.hash.text(told.code);
        if (this.#log !== undefined) this.#tell(host, JSON.stringify(told));
        break;
      default:
        this.hash.text(told.type);
    }
  }

  get #isBroken(): boolean {
    return this.checks.violations.length > 0;
  }

  #planStarts(): void {
    const { nodes, startOverMs = 2_000 } = this.#scenario;
    const random = this.random.fork(2);
    for (const name of nodeNames(nodes)) {
      const host = this.host(name);
      this.time.at(random.between(0, startOverMs), () => host.start());
    }
  }

  #runUntil(untilMs: number): void {
    let momentMs = this.time.nowMs;
    let stepsBefore = this.checks.steps;
    while (!this.#isBroken && this.time.step(untilMs)) {
      if (this.time.nowMs > momentMs) {
        momentMs = this.time.nowMs;
        stepsBefore = this.checks.steps;
      } else if (this.checks.steps - stepsBefore > stepsPerMoment) {
        this.checks.report('time-stands-still', undefined, `${stepsPerMoment} steps at one moment`);
      }
    }
  }

  /** Runs until all agree, and then a little longer to see that it lasts; says how long the first took. */
  #settle(settleMs: number, holdMs: number): number | undefined {
    const healedMs = this.time.nowMs;
    let difference = firstDisagreement(this.#hosts.values());
    while (difference !== undefined && this.time.nowMs < healedMs + settleMs && !this.#isBroken) {
      this.#runUntil(this.time.nowMs + agreementCheckMs);
      if (!this.#isBroken) difference = firstDisagreement(this.#hosts.values());
    }
    if (this.#isBroken) return undefined;
    if (difference !== undefined) {
      this.checks.report('disagreement', undefined, `after ${settleMs} ms: ${difference}`);
      return undefined;
    }
    const agreedAfterMs = this.time.nowMs - healedMs;
    this.#say(`--- ${this.time.nowMs} ms: all agree`);
    this.#runUntil(this.time.nowMs + holdMs);
    const later = this.#isBroken ? undefined : firstDisagreement(this.#hosts.values());
    if (later !== undefined) {
      this.checks.report('disagreement', undefined, `all agreed, and ${holdMs} ms later: ${later}`);
    }
    return agreedAfterMs;
  }

  #deliver(packet: Uint8Array, from: Endpoint, to: Endpoint): void {
    const { counters } = this.network;
    for (const delayMs of this.network.datagram()) {
      this.time.at(this.time.nowMs + delayMs, () => {
        const host = this.#hostAt(to);
        if (host?.isUp) host.receive(packet, from);
        else counters.unheard += 1;
      });
    }
  }

  #reportSendError(host: Host, probe: number | undefined): void {
    if (probe === undefined) return;
    const { life } = host;
    this.time.at(this.time.nowMs, () =>
      host.whenRunning(life, () => host.feed({ type: 'sendFailed', sequence: probe })),
    );
  }

  #hostAt(endpoint: Endpoint): Host | undefined {
    const host = this.#byAddress.get(addressKey(endpoint));
    // A machine that moved on has left its old address.
    return host !== undefined && addressKey(host.endpoint) === addressKey(endpoint)
      ? host
      : undefined;
  }

  #observeEvent(host: Host, event: SerfEvent): void {
    this.hash.text(event.type);
    if (!('members' in event)) {
      this.hash.text(event.name);
      const { nowMs: atMs } = this.time;
      if (event.type === 'user') {
        this.#deliveries.push({ atMs, node: host.name, name: event.name });
      }
      if (this.#log !== undefined) this.#tell(host, `${event.type} ${event.name}`);
      return;
    }
    const { type } = event;
    for (const { name: member } of event.members) {
      this.hash.text(member);
      const isKept = this.#scenario.record?.includes(type) ?? true;
      if (isKept) this.#events.push({ atMs: this.time.nowMs, node: host.name, type, member });
      if (this.#log !== undefined) this.#tell(host, `${type} ${member}`);
    }
  }

  #tell(host: Host, text: string): void {
    this.#say(`${this.time.nowMs.toFixed(1).padStart(10)} ${host.name.padEnd(5)} ${text}`);
  }

  #say(line: string): void {
    this.#log?.(line);
  }

  #gather(host: Host): void {
    this.#queries.push(...host.conversation.requests.outcomes(host.name));
    this.#keys.push(...host.conversation.requests.keys);
  }

  #checkOverdue(host: Host): void {
    const name = host.isPaused ? undefined : host.conversation.requests.overdue(this.time.nowMs);
    if (name !== undefined) this.checks.report('query-end', host, `${name} did not end`);
  }

  #result(agreedAfterMs: number | undefined): Result {
    const running = [...this.#hosts.values()].filter((host) => host.isUp);
    for (const host of running) {
      this.#checkOverdue(host);
      this.#gather(host);
    }
    return {
      scenario: this.#scenario,
      seed: this.#seed,
      hash: this.hash.digest(),
      endMs: this.time.nowMs,
      steps: this.checks.steps,
      agreedAfterMs,
      violations: this.checks.violations,
      events: this.#events,
      deliveries: this.#deliveries,
      queries: this.#queries,
      keys: this.#keys,
      views: new Map(running.map((host) => [host.name, host.node.members()])),
      network: { ...this.network.counters },
    };
  }
}

function addressKey({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

function mappedIntoIPv6(bytes: Uint8Array): Uint8Array {
  const mapped = new Uint8Array(16);
  mapped.set([255, 255], 10);
  mapped.set(bytes, 12);
  return mapped;
}
