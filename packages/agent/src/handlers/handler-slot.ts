import type { HostEvent } from '../rpc/host.js';
import type { HandlersConfig, ScriptHandlers } from './script-handlers.js';
import type { ScriptHost } from './script-runner.js';

/** What may come while the first handlers are loaded, which takes a few dozen milliseconds. */
const heldLimit = 16_384;

/**
 * Where an agent's script handlers are, if it has any. Most agents have none, and never load what runs them. What comes
 * before they are there is held for them.
 */
export class HandlerSlot {
  readonly #host: ScriptHost;
  #handlers: ScriptHandlers | undefined;
  /** Absent while nobody waits for events. */
  #held: HostEvent[] | undefined = [];
  #isStopped = false;

  constructor(host: ScriptHost) {
    this.#host = host;
  }

  take(event: HostEvent): void {
    if (this.#handlers !== undefined) this.#handlers.take(event);
    else if (this.#held !== undefined && this.#held.length < heldLimit) this.#held.push(event);
  }

  /** As `ScriptHandlers.replace`. The first call decides over what came before it. */
  async replace(config: HandlersConfig): Promise<void> {
    if (this.#handlers !== undefined) await this.#handlers.replace(config);
    else if (hasHandlers(config)) await this.#begin(config);
    else this.#held = undefined;
  }

  async #begin(config: HandlersConfig): Promise<void> {
    this.#held ??= [];
    try {
      const { ScriptHandlers } = await import('./script-handlers.js');
      const handlers = new ScriptHandlers(this.#host);
      await handlers.replace(config);
      if (this.#isStopped) return;
      this.#handlers = handlers;
      for (const event of this.#held) handlers.take(event);
    } finally {
      this.#held = undefined;
    }
  }

  eventHandlers(): Record<string, string> {
    return this.#handlers?.eventHandlers() ?? {};
  }

  counters(): Record<string, string> {
    return this.#handlers?.counters() ?? {};
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#held = undefined;
    await this.#handlers?.stop();
  }
}

/** Loads early what `replace` will need. */
export async function preloadHandlers(config: HandlersConfig): Promise<void> {
  if (hasHandlers(config)) await import('./script-handlers.js');
}

function hasHandlers({ eventHandlers, handlers }: HandlersConfig): boolean {
  return eventHandlers.length + handlers.length > 0;
}
