import { createHash } from 'node:crypto';
import { joinHostPort } from '../net/host-port.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { Keyring } from '../wire/keyring.js';
import type { LogLine } from './log.js';
import { printable } from './printable.js';

export interface KeyWatchParts {
  readonly keyring: Keyring;
  /** This node's own address: what it sends to itself says nothing about the others. */
  readonly own: Endpoint;
  /** The member at an address, if one is known. */
  readonly nameAt: (from: Endpoint) => string | undefined;
  readonly log: (line: LogLine) => void;
}

/** A key problem is said so often, whatever is sent. */
const lineIntervalMs = 60_000;

/**
 * While keys are changed, some messages are still under way under the old one. What lasts longer is a problem; and a node
 * that hears nobody for so long, though it is spoken to, is alone.
 */
const settledMs = 20_000;

/** What could not be opened is news for so long. */
const memoryMs = 600_000;

/** Senders that are told apart within one interval. */
const senderLimit = 256;

/**
 * Watches what none of this node's keys opens. A node that was away while the cluster's keys were changed hears nobody
 * and is heard by nobody, and looks to itself like the only one that is left: this says so, and how it is repaired.
 */
export class KeyWatch {
  readonly #parts: KeyWatchParts;
  readonly #senders = new Set<string>();
  #failures = 0;
  #failuresSinceLine = 0;
  #firstFailureMs = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;
  #lastOpenedMs = Number.NEGATIVE_INFINITY;
  #lastLineMs = Number.NEGATIVE_INFINITY;

  constructor(parts: KeyWatchParts) {
    this.#parts = parts;
  }

  /** Packets and streams that no key opened, in all. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether others talk to this node, and it understands none of them. */
  isIsolated(nowMs: number): boolean {
    const isRecent = nowMs - this.#lastFailureMs < memoryMs;
    return isRecent && this.#lastOpenedMs < this.#lastFailureMs && this.#isDeaf(nowMs);
  }

  #isDeaf(nowMs: number): boolean {
    return nowMs - Math.max(this.#lastOpenedMs, this.#firstFailureMs) >= settledMs;
  }

  /** Something that `from` sent was opened. */
  opened(from: Endpoint, nowMs: number): void {
    if (!this.#isOwn(from)) this.#lastOpenedMs = nowMs;
  }

  /** None of the keys opens what `from` sent. */
  failed(from: Endpoint, nowMs: number): void {
    if (nowMs - this.#lastFailureMs >= memoryMs) this.#firstFailureMs = nowMs;
    this.#lastFailureMs = nowMs;
    this.#failures += 1;
    this.#failuresSinceLine += 1;
    if (this.#senders.size < senderLimit) this.#senders.add(joinHostPort(from.host, from.port));
    const isSettled = nowMs - this.#firstFailureMs >= settledMs;
    if (!isSettled || nowMs - this.#lastLineMs < lineIntervalMs) return;
    this.#lastLineMs = nowMs;
    this.#say(from, this.isIsolated(nowMs));
    this.#failuresSinceLine = 0;
    this.#senders.clear();
  }

  #say(from: Endpoint, isIsolated: boolean): void {
    const others = this.#senders.size - 1;
    const more = others > 0 ? ` and ${others} more` : '';
    const who = `${this.#sender(from)}${more}`;
    const [primary, ...rest] = this.#parts.keyring.keys.map(fingerprint);
    const keys =
      rest.length === 0 ? `its only key ${primary}` : `primary ${primary}, also ${rest.join(', ')}`;
    const count =
      this.#failuresSinceLine === 1 ? 'a message' : `${this.#failuresSinceLine} messages`;
    const repair = isIsolated
      ? 'This node understands nobody: it seems to have missed a change of keys. On this node, install and use the ' +
        "key that is the others' primary"
      : 'That one seems to have missed a change of keys, if it belongs to this cluster. On it, install and use ' +
        `this cluster's primary key`;
    this.#parts.log({
      level: 'ERR',
      text:
        `serf: no key of this node opens ${count} from ${who} (${keys}). ${repair} ` +
        "('tserf keys -install=KEY', then 'tserf keys -use=KEY'), and join again",
    });
  }

  #sender(from: Endpoint): string {
    const name = this.#parts.nameAt(from);
    const where = joinHostPort(from.host, from.port);
    return name === undefined ? where : `${printable(name)} (${where})`;
  }

  #isOwn(from: Endpoint): boolean {
    return from.port === this.#parts.own.port && from.host === this.#parts.own.host;
  }
}

/** Names a key without giving it away: `printf KEY | base64 -d | sha256sum` begins with the same letters. */
function fingerprint(key: Uint8Array): string {
  return `sha256:${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
}
