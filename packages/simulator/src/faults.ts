import type { Host } from './host.js';
import { type Network, oneWayCut, partition } from './network.js';
import type { Fault, Step } from './scenario.js';
import type { VirtualTime } from './virtual-time.js';
import type { Address } from './world.js';

/** What faults act on. */
export interface Stage {
  readonly time: VirtualTime;
  readonly network: Network;
  /** The host of that name; a new one when no node of that name ever was. */
  host(name: string): Host;
  newAddress(): Address;
}

/** Ends one fault; ending twice is harmless. */
type End = () => void;

/** Plays a scenario's steps: begins each at its time and ends it at its own. */
export class Faults {
  readonly #stage: Stage;
  readonly #standing = new Set<End>();
  #isOver = false;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  plan(steps: readonly Step[]): void {
    const { time } = this.#stage;
    for (const step of steps) {
      time.at(step.atMs, () => {
        const end = this.#isOver ? undefined : this.#begin(step);
        if (end === undefined) return;
        this.#standing.add(end);
        const forMs = 'forMs' in step ? step.forMs : undefined;
        if (forMs !== undefined) time.at(time.nowMs + forMs, () => this.#end(end));
      });
    }
  }

  /** Ends all that still goes on, and begins nothing more. */
  endAll(): void {
    this.#isOver = true;
    for (const end of [...this.#standing]) this.#end(end);
    this.#stage.network.heal();
  }

  #end(end: End): void {
    if (this.#standing.delete(end)) end();
  }

  /** Lets the fault happen; what lasts returns how it ends. */
  #begin(fault: Fault): End | undefined {
    const { network } = this.#stage;
    switch (fault.do) {
      case 'start':
        return this.#start(fault);
      case 'crash':
        this.#stage.host(fault.node).crash(fault.silent ?? false);
        return undefined;
      case 'restart':
        this.#stage.host(fault.node).crash(false);
        return this.#start(fault);
      case 'leave':
        this.#stage.host(fault.node).leave();
        return undefined;
      case 'forceLeave':
        this.#stage.host(fault.node).forceLeave(fault.target, fault.prune ?? false);
        return undefined;
      case 'setTags':
        this.#stage.host(fault.node).setTags(fault.tags);
        return undefined;
      case 'event':
        this.#stage.host(fault.node).sendEvent(fault.name);
        return undefined;
      case 'query':
        this.#stage.host(fault.node).ask(fault);
        return undefined;
      case 'keys':
        this.#stage.host(fault.node).changeKeys(fault.operation, fault.key);
        return undefined;
      case 'pause':
        return this.#stage.host(fault.node).pause(fault.first);
      case 'stutter':
        return this.#stutter(fault);
      case 'latePackets':
        return this.#stage.host(fault.node).delayPackets(fault.byMs);
      case 'cut':
        return network.cut(oneWayCut(fault.from, fault.to, fault.sendErrors ?? false));
      case 'partition':
        return network.cut(partition(fault.groups));
      case 'network':
        return network.change(fault.network);
      default:
        return fault satisfies never;
    }
  }

  #start(fault: Extract<Fault, { do: 'start' | 'restart' }>): undefined {
    const address = fault.address === 'new' ? this.#stage.newAddress() : undefined;
    this.#stage.host(fault.node).start(address, 'tags' in fault ? fault.tags : undefined);
  }

  #stutter(fault: Extract<Fault, { do: 'stutter' }>): End {
    const { time } = this.#stage;
    const host = this.#stage.host(fault.node);
    let resume: End = () => undefined;
    let isOver = false;
    const stall = (): void => {
      if (isOver) return;
      resume = host.pause();
      time.at(time.nowMs + fault.stallMs, () => {
        resume();
        time.at(time.nowMs + fault.runMs, stall);
      });
    };
    stall();
    return () => {
      isOver = true;
      resume();
    };
  }
}
