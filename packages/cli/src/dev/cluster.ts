import { HOST, type PortRows } from './ports.js';
import type { DevNode } from './state.js';

/** What it takes to start one of the agents. */
export interface DevAgentSpec {
  readonly name: string;
  readonly gossipPort: number;
  readonly rpcPort: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly profile: string;
  /** Addresses of members to join; empty for the first. */
  readonly join: readonly string[];
}

/** A running agent, as far as it matters here. */
interface DevAgent {
  /** Resolves when the agent has ended, whoever ended it. */
  readonly ended: Promise<unknown>;
  leave(): Promise<void>;
  /** Ends it without a word to the others, as a crash would. */
  shutdown(): Promise<void>;
}

export type StartDevAgent = (spec: DevAgentSpec) => Promise<DevAgent>;

/** What a graceful end may take; then the agents are shut down. */
const LEAVE_MS = 4_000;

interface Slot {
  readonly spec: DevAgentSpec;
  agent: DevAgent | undefined;
  /** A start or a stop is under way. */
  isBusy: boolean;
}

/** The agents of `tserf dev`: started, stopped and started again by number. */
export class DevCluster {
  readonly #startAgent: StartDevAgent;
  readonly #onChange: () => void;
  readonly #slots: readonly Slot[];

  /** `onChange` is called whenever an agent has started or ended. */
  constructor(
    options: { readonly count: number; readonly ports: PortRows; readonly profile: string },
    startAgent: StartDevAgent,
    onChange: () => void,
  ) {
    this.#startAgent = startAgent;
    this.#onChange = onChange;
    const { count, ports, profile } = options;
    this.#slots = Array.from({ length: count }, (_, index) => ({
      spec: {
        name: `dev-${index + 1}`,
        gossipPort: ports.gossip + index,
        rpcPort: ports.rpc + index,
        // Two roles, so that filters have something to tell apart.
        tags: { role: index % 3 === 2 ? 'db' : 'web' },
        profile,
        join: [],
      },
      agent: undefined,
      isBusy: false,
    }));
  }

  get nodes(): readonly DevNode[] {
    return this.#slots.map(({ spec, agent }) => ({
      name: spec.name,
      gossip: `${HOST}:${spec.gossipPort}`,
      rpc: `${HOST}:${spec.rpcPort}`,
      isRunning: agent !== undefined,
    }));
  }

  /** Starts them all, joined. Fails with the first that can't start; the others then still run. */
  async startAll(): Promise<void> {
    // One after the other: each joins by those that are there.
    for (const slot of this.#slots) await this.#start(slot);
  }

  /** Crashes the agent of that number if it runs, starts it if it doesn't. Does nothing while that is under way. */
  async toggle(index: number): Promise<void> {
    const slot = this.#slots[index];
    if (slot === undefined || slot.isBusy) return;
    slot.isBusy = true;
    try {
      if (slot.agent === undefined) await this.#start(slot);
      else await slot.agent.shutdown();
    } finally {
      slot.isBusy = false;
    }
  }

  /** Lets all that run leave, and ends them in any case. */
  async stopAll(): Promise<void> {
    const agents = this.#slots.flatMap(({ agent }) => agent ?? []);
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_MS);
    });
    await Promise.race([Promise.allSettled(agents.map((agent) => agent.leave())), deadline]);
    clearTimeout(timer);
    await Promise.allSettled(agents.map((agent) => agent.shutdown()));
  }

  async #start(slot: Slot): Promise<void> {
    const running = this.nodes.filter((node) => node.isRunning);
    const agent = await this.#startAgent({
      ...slot.spec,
      join: running.slice(0, 3).map((node) => node.gossip),
    });
    slot.agent = agent;
    this.#onChange();
    const onEnd = () => {
      slot.agent = undefined;
      this.#onChange();
    };
    agent.ended.then(onEnd, onEnd);
  }
}
