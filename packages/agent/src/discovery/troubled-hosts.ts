import { joinHostPort } from '@tserf/core';
import type { FoundHost } from './message.js';

/** A host that does not answer waits for 1, 2, 4, … polls, up to this many. */
const longestWaitPolls = 32;
/** Hosts that are told apart; beyond it the one whose trouble is oldest gets a fresh start. */
const hostLimit = 1_024;

/** Hosts that were found and could not be joined: each is tried again, ever more rarely. */
export class TroubledHosts {
  readonly #hosts = new Map<string, { failures: number; waitPolls: number }>();

  /** To be asked once in each poll that found the host: whether its time has come. */
  isDue(host: FoundHost): boolean {
    const trouble = this.#hosts.get(keyOf(host));
    if (trouble === undefined) return true;
    trouble.waitPolls -= 1;
    return trouble.waitPolls <= 0;
  }

  failed(host: FoundHost): void {
    const key = keyOf(host);
    const failures = (this.#hosts.get(key)?.failures ?? 0) + 1;
    const waitPolls = Math.min(2 ** (failures - 1), longestWaitPolls);
    this.#hosts.delete(key);
    this.#hosts.set(key, { failures, waitPolls });
    const [oldest] = this.#hosts.keys();
    if (this.#hosts.size > hostLimit && oldest !== undefined) this.#hosts.delete(oldest);
  }

  joined(host: FoundHost): void {
    this.#hosts.delete(keyOf(host));
  }
}

function keyOf({ host, port }: FoundHost): string {
  return joinHostPort(host, port);
}
