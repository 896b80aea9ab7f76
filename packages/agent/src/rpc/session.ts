import { createHash, timingSafeEqual } from 'node:crypto';
import type { RpcHost, WriteLog } from './host.js';
import type { Subscriptions } from './subscriptions.js';

export interface SessionOptions {
  readonly host: RpcHost;
  readonly log: WriteLog;
  /** Empty when none is configured. */
  readonly authKey: string;
  readonly subscriptions: Subscriptions;
}

/** How far one client has come (spec/05 §5): what it may do follows from this. */
export class Session {
  readonly host: RpcHost;
  readonly log: WriteLog;
  readonly subscriptions: Subscriptions;
  readonly #authKey: string;
  #hasShakenHands = false;
  #hasShownKey = false;

  constructor({ host, log, authKey, subscriptions }: SessionOptions) {
    this.host = host;
    this.log = log;
    this.subscriptions = subscriptions;
    this.#authKey = authKey;
  }

  get hasShakenHands(): boolean {
    return this.#hasShakenHands;
  }

  /** Whether all commands are open to the client. */
  get isTrusted(): boolean {
    return this.#authKey === '' || this.#hasShownKey;
  }

  shakeHands(): void {
    this.#hasShakenHands = true;
  }

  /** Whether this is the key. Once it was, a wrong one later takes nothing away. */
  showKey(key: string): boolean {
    const matches = equalInConstantTime(key, this.#authKey);
    this.#hasShownKey ||= matches;
    return matches;
  }
}

/** How long it takes says nothing about where the texts differ. */
function equalInConstantTime(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
