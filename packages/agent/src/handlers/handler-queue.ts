import { pause } from '../delay.js';
import { type EventPattern, matchesEvent, parseEventPattern } from '../events/event-pattern.js';
import { eventText } from '../events/event-text.js';
import { type Program, shellProgram } from '../processes/program.js';
import type { HostEvent } from '../rpc/host.js';
import { HandlerCounters } from './counters.js';
import { DropReport } from './drop-report.js';
import type { HandlerConfig } from './handler-config.js';
import type { RunningScript, ScriptHost, ScriptOutcome, ScriptRunner } from './script-runner.js';
import type { TagCondition } from './tag-condition.js';

/**
 * One entry of `handlers:`: its own queue, its own time-out, its own retries. Nothing that its script does holds up
 * anybody else, and nothing of it is left when it is stopped.
 */
export class HandlerQueue {
  readonly config: HandlerConfig;
  readonly counters = new HandlerCounters();
  readonly #host: ScriptHost;
  readonly #runner: ScriptRunner;
  readonly #patterns: readonly EventPattern[];
  readonly #condition: TagCondition;
  readonly #program: Program;
  readonly #drops: DropReport;
  readonly #scripts = new Set<RunningScript>();
  readonly #ended = new AbortController();
  #queue: HostEvent[] = [];
  #busy = 0;

  constructor(
    config: HandlerConfig,
    condition: TagCondition,
    host: ScriptHost,
    runner: ScriptRunner,
  ) {
    const { script } = config;
    this.config = config;
    this.#host = host;
    this.#runner = runner;
    this.#condition = condition;
    this.#patterns = config.on.flatMap((element) => parseEventPattern(element) ?? []);
    const [file = '', ...args] = script;
    this.#program = typeof script === 'string' ? shellProgram(script) : { file, args };
    this.#drops = new DropReport(`handler '${config.name}'`, (level, text) =>
      host.log(level, text),
    );
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Scripts that run, and those that wait for another attempt. */
  get running(): number {
    return this.#busy;
  }

  /** An event that several elements of `on` name is handled once. */
  take(event: HostEvent): void {
    if (this.#ended.signal.aborted) return;
    if (!this.#patterns.some((pattern) => matchesEvent(pattern, event))) return;
    if (!this.#condition(this.#host.localNode().tags)) return;
    const isFree = this.#busy < this.config.concurrency;
    if (!isFree && this.#queue.length >= this.config.queueLimit) {
      this.counters.dropped += 1;
      this.#drops.add();
      return;
    }
    this.#queue.push(event);
    if (isFree) void this.#workOff();
  }

  /** It is no longer configured: what waits is dropped, what runs ends by itself and is not tried again. */
  retire(): void {
    const waiting = this.#queue.length;
    if (waiting > 0) {
      const events = waiting === 1 ? '1 event' : `${waiting} events`;
      const text = `agent: handler '${this.config.name}' was removed, and ${events} that waited for it`;
      this.#host.log('WARN', text);
    }
    this.#queue = [];
    this.#drops.stop();
    this.#ended.abort();
  }

  /** Ends what runs, with all that it started, and drops what waits. Resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#queue = [];
    this.#drops.stop();
    this.#ended.abort();
    await Promise.all([...this.#scripts].map(({ process }) => process.stop()));
  }

  async #workOff(): Promise<void> {
    this.#busy += 1;
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      await this.#handle(event);
    }
    this.#busy -= 1;
  }

  async #handle(event: HostEvent): Promise<void> {
    const { attempts, delayMs, longestDelayMs } = this.config.retry;
    let waitMs = Math.min(delayMs, longestDelayMs);
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#run(event);
      if (outcome === 'succeeded' || this.#ended.signal.aborted) return;
      if (attempt >= attempts || isPastDeadline(event, waitMs)) {
        if (attempts > 0) this.#giveUp(event, attempt + 1);
        return;
      }
      await pause(waitMs, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      this.counters.retried += 1;
      waitMs = Math.min(2 * waitMs, longestDelayMs);
    }
  }

  #giveUp(event: HostEvent, runs: number): void {
    const times = runs === 1 ? 'once' : `${runs} times`;
    const text = `agent: handler '${this.config.name}' failed ${times} and gave up on ${eventText(event)}`;
    this.#host.log('ERR', text);
  }

  async #run(event: HostEvent): Promise<ScriptOutcome> {
    const { name, timeoutMs, outputLimitBytes } = this.config;
    const script = this.#runner.start({
      script: name,
      program: this.#program,
      event,
      node: this.#host.localNode(),
      group: 'own',
      outputLimitBytes,
      timeoutMs,
    });
    this.#scripts.add(script);
    const outcome = await script.outcome;
    this.#scripts.delete(script);
    if (!this.#ended.signal.aborted) this.counters.count(outcome);
    return outcome;
  }
}

/** Nobody waits for an answer that a retry would give. */
function isPastDeadline(event: HostEvent, waitMs: number): boolean {
  return event.type === 'query' && Date.now() + waitMs >= event.deadline;
}
