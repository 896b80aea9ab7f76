/** The signals that an agent acts on, and Serf's words for them. */
export type AgentSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export const signalWords: Readonly<Record<AgentSignal, string>> = {
  SIGINT: 'interrupt',
  SIGTERM: 'terminated',
  SIGHUP: 'hangup',
};

/** Where signals come from. `process` fits; a test or an embedding program hands in an emitter. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** Signals in a queue: one that comes while another is being worked on is not lost (Serf keeps four). */
export class SignalQueue {
  readonly #source: SignalSource;
  readonly #listeners: readonly (readonly [NodeJS.Signals, () => void])[];
  #waiting: AgentSignal[] = [];
  #take: ((signal: AgentSignal) => void) | undefined;

  constructor(source: SignalSource) {
    this.#source = source;
    const names = Object.keys(signalWords) as AgentSignal[];
    this.#listeners = [
      ...names.map((name) => [name, () => this.#push(name)] as const),
      // Left alone, Node answers this one by opening its debugger to every local user. Serf's operators send it freely.
      ['SIGUSR1', () => {}],
    ];
    for (const [name, listener] of this.#listeners) source.on(name, listener);
  }

  /** The next signal; one taker at a time. */
  next(): Promise<AgentSignal> {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return Promise.resolve(waiting);
    return new Promise((resolve) => {
      this.#take = resolve;
    });
  }

  close(): void {
    for (const [name, listener] of this.#listeners) this.#source.off(name, listener);
    this.#waiting = [];
    this.#take = undefined;
  }

  #push(signal: AgentSignal): void {
    const take = this.#take;
    this.#take = undefined;
    if (take !== undefined) take(signal);
    else if (this.#waiting.length < 4) this.#waiting.push(signal);
  }
}
