import { eventBytes } from '../engine/outbox.js';
import type { ClusterEvent, ClusterEvents } from './cluster-events.js';
import { EventStream } from './event-stream.js';
import { Listeners } from './listeners.js';

/** Events and lines of the time before anybody could listen; beyond it the oldest are dropped and counted. */
const heldLimit = 16_384;

/** Brings what happens to listeners and readers, from the moment on at which the application could begin to listen. */
export class Deliveries {
  readonly #listeners: Listeners<ClusterEvents>;
  readonly #streams = new Set<EventStream<ClusterEvent>>();
  #held: (() => void)[] | undefined = [];
  #dropped = 0;
  #end: { readonly error: Error | undefined } | undefined;

  constructor() {
    this.#listeners = new Listeners((type, error) => this.#listenerFailed(type, error));
  }

  get listeners(): Listeners<ClusterEvents> {
    return this.#listeners;
  }

  /** What was held back too long, or not read in time. */
  get dropped(): number {
    return [...this.#streams].reduce((sum, stream) => sum + stream.dropped, this.#dropped);
  }

  event(event: ClusterEvent, then: () => void = () => undefined): void {
    this.#deliver(() => {
      // Each type has listeners for its own events only.
      this.#listeners.call(event.type, event as never);
      this.#listeners.call('event', event);
      for (const stream of this.#streams) stream.push(event);
      then();
    });
  }

  log(line: ClusterEvents['log']): void {
    this.#deliver(() => this.#listeners.call('log', line));
  }

  /** From here on nothing is held back. */
  begin(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const run of held) run();
  }

  read(): EventStream<ClusterEvent> {
    const stream = new EventStream<ClusterEvent>((left) => {
      this.#dropped += left.dropped;
      this.#streams.delete(left);
    }, eventBytes);
    if (this.#end === undefined) this.#streams.add(stream);
    else stream.end(this.#end.error);
    return stream;
  }

  /** Readers end, or throw. */
  end(error: Error | undefined): void {
    this.#end = { error };
    for (const stream of this.#streams) stream.end(error);
  }

  #deliver(run: () => void): void {
    if (this.#held === undefined) {
      run();
      return;
    }
    this.#held.push(run);
    if (this.#held.length <= heldLimit) return;
    this.#held.shift();
    this.#dropped += 1;
  }

  #listenerFailed(type: keyof ClusterEvents, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const text = `cluster: a listener for '${type}' threw: ${reason}`;
    // A log listener that throws would be asked to log its own failure.
    if (type !== 'log' && this.#listeners.has('log')) {
      this.#listeners.call('log', { level: 'ERR', text });
    } else {
      process.emitWarning(text, 'ClusterWarning');
    }
  }
}
