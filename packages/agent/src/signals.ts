/** The signals that an agent acts on. */
export type AgentSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Serf's words for them (spec/07 §10). */
export const signalWords: Readonly<Record<AgentSignal, string>> = {
  SIGINT: 'interrupt',
  SIGTERM: 'terminated',
  SIGHUP: 'hangup',
};

/** Left alone they end a process. Serf passes over them, so an operator's script that sends one must not end an agent. */
const ignoredSignals: readonly NodeJS.Signals[] = [
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGPROF',
  'SIGIO',
  'SIGPWR',
  'SIGXCPU',
];

/** Where signals come from. `process` fits; a test or an embedding program hands in an emitter. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** More than these in a row are an accident; Serf keeps as many. */
const queueLimit = 4;

/** Signals in their order: one that comes while another is being worked on is not lost. */
export class SignalQueue {
  readonly #source: SignalSource;
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  readonly #waiting: AgentSignal[] = [];
  #wake: (() => void) | undefined;
  #arrived: Promise<void> | undefined;

  /** `dump` is called for SIGUSR1, by which operators ask Serf for its counters. */
  constructor(source: SignalSource, dump: () => void) {
    this.#source = source;
    for (const name of Object.keys(signalWords) as AgentSignal[]) {
      this.#listeners.set(name, () => this.#push(name));
    }
    // Left alone, Node answers it by opening its debugger to every user of the machine.
    this.#listeners.set('SIGUSR1', dump);
    for (const name of ignoredSignals) this.#listeners.set(name, () => {});
    for (const [name, listener] of this.#listeners) source.on(name, listener);
  }

  /** Resolves when there is a signal to take. */
  arrived(): Promise<void> {
    this.#arrived ??= new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#waiting.length > 0) resolve();
    });
    return this.#arrived;
  }

  /** The oldest signal, or undefined when there is none. */
  take(): AgentSignal | undefined {
    this.#arrived = undefined;
    return this.#waiting.shift();
  }

  close(): void {
    for (const [name, listener] of this.#listeners) this.#source.off(name, listener);
  }

  #push(signal: AgentSignal): void {
    if (this.#waiting.length < queueLimit) this.#waiting.push(signal);
    this.#wake?.();
  }
}
