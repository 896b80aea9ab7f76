import { hostname, networkInterfaces } from 'node:os';
import { joinHostPort, type LogLevel } from '@tserf/core';
import type { AgentConfig } from '../config/agent-config.js';
import { pause } from '../delay.js';
import { RareLog } from '../rare-log.js';
import type { FoundHost } from './message.js';
import { families } from './multicast.js';
import { poll } from './poll.js';
import { Responder } from './responder.js';
import { type Service, service } from './service.js';
import { TroubledHosts } from './troubled-hosts.js';

/** Serf's rhythm. */
const pollIntervalMs = 60_000;
/** While nobody else was ever found. Three questions a minute and family are the most that is asked. */
const lonelyPollIntervalMs = 25_000;
/** Contacted at once; most of the others are members once these have answered. */
const joinedAtOnce = 3;
export interface DiscoveryParts {
  readonly config: Pick<AgentConfig, 'discover' | 'mdns' | 'node' | 'bind' | 'replayOnJoin'>;
  /** Where this node is known to be. */
  readonly self: FoundHost;
  readonly join: (addresses: readonly string[], options: { replay: boolean }) => Promise<number>;
  /** Where the members are that are alive. */
  readonly alive: () => readonly FoundHost[];
  readonly log: (level: LogLevel, text: string) => void;
}

/**
 * Finds the other members of the cluster by multicast DNS, and is found by them (spec/07 §9). Joins who is no member
 * yet; unlike Serf it tries one that did not answer again, and leaves out itself and those that it knows.
 */
export class Discovery {
  readonly #parts: DiscoveryParts;
  readonly #troubles: RareLog;
  readonly #service: Service;
  readonly #interface: string | undefined;
  readonly #responder: Responder;
  readonly #ended = new AbortController();
  readonly #troubled = new TroubledHosts();
  #hasFound = false;

  /**
   * Listens, and starts to ask.
   *
   * @throws {DiscoveryError} when there is no network for it, or no record can carry the cluster's name
   */
  static async start(parts: DiscoveryParts): Promise<Discovery> {
    const { discover: cluster, node, bind, mdns } = parts.config;
    const offered = service({ cluster, node, machine: hostname(), ...parts.self });
    const name = mdns.interface ?? interfaceOf(bind.host);
    if (name !== undefined) {
      parts.log('INFO', `agent: Starting mDNS listener on interface ${name}`);
    }
    const troubles = new RareLog(parts.log);
    const responder = await Responder.start({
      service: offered,
      interface: name,
      trouble: (what, error) =>
        troubles.write('WARN', `agent.mdns: Failed to ${what}: ${error.message}`),
    });
    const discovery = new Discovery(parts, troubles, offered, name, responder);
    void discovery.#run();
    return discovery;
  }

  private constructor(
    parts: DiscoveryParts,
    troubles: RareLog,
    offered: Service,
    name: string | undefined,
    responder: Responder,
  ) {
    this.#parts = parts;
    this.#troubles = troubles;
    this.#service = offered;
    this.#interface = name;
    this.#responder = responder;
  }

  /** Neither asks nor answers from now on. Stopping twice is harmless. */
  stop(): void {
    this.#ended.abort();
    this.#responder.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    const { disableIPv4, disableIPv6 } = this.#parts.config.mdns;
    const asked = families.filter(({ type }) => !(type === 'udp4' ? disableIPv4 : disableIPv6));
    const failed = 'agent.mdns: Failed to poll for new hosts';
    if (asked.length === 0) {
      const reason = 'Must enable at least one of IPv4 and IPv6 querying';
      this.#troubles.write('ERR', `${failed}: ${reason}`);
      return;
    }
    while (!signal.aborted) {
      const { found, failures } = await poll({
        families: asked,
        interface: this.#interface,
        serviceName: this.#service.name,
        isNews: (host) => !this.#isKnown(host),
        signal,
      });
      const reasons = [...new Set(failures.map(({ message }) => message))].join('; ');
      // One family without a network is everyday life; the other one does.
      const level = failures.length < asked.length ? 'DEBUG' : 'ERR';
      if (failures.length > 0) this.#troubles.write(level, `${failed}: ${reasons}`);
      const others = found.filter((host) => !isSame(host, this.#parts.self));
      this.#hasFound ||= others.length > 0;
      await this.#joinAll(others.filter((host) => this.#troubled.isDue(host)));
      await pause(this.#hasFound ? pollIntervalMs : lonelyPollIntervalMs, signal);
    }
  }

  /** This node itself is one of those that are alive. */
  #isKnown(host: FoundHost): boolean {
    return this.#parts.alive().some((member) => isSame(member, host));
  }

  /** A few at a time: who became a member meanwhile needs no contact of its own. */
  async #joinAll(found: readonly FoundHost[]): Promise<void> {
    let waiting = found;
    let joined = 0;
    while (!this.#ended.signal.aborted) {
      waiting = waiting.filter((host) => !this.#isKnown(host));
      if (waiting.length === 0) break;
      const next = waiting.slice(0, joinedAtOnce);
      waiting = waiting.slice(joinedAtOnce);
      joined += await this.#join(next);
    }
    if (joined > 0) this.#parts.log('INFO', `agent.mdns: Joined ${joined} hosts`);
  }

  async #join(hosts: readonly FoundHost[]): Promise<number> {
    const { join, config, log } = this.#parts;
    try {
      const joined = await join(
        hosts.map(({ host, port }) => joinHostPort(host, port)),
        { replay: config.replayOnJoin },
      );
      for (const host of hosts) this.#troubled.joined(host);
      return joined;
    } catch (error) {
      if (this.#ended.signal.aborted) return 0;
      for (const host of hosts) this.#troubled.failed(host);
      log('ERR', `agent.mdns: Failed to join: ${error instanceof Error ? error.message : error}`);
      return 0;
    }
  }
}

/** The interface that gossip is bound to, if to a single one: questions are not to leave by another. */
function interfaceOf(boundHost: string): string | undefined {
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    if (addresses.some(({ address }) => address === boundHost)) return name;
  }
  return undefined;
}

function isSame(a: FoundHost, b: FoundHost): boolean {
  return a.host === b.host && a.port === b.port;
}
