import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig } from '../config/agent-config.js';
import { PipeMaker } from '../processes/pipe-maker.js';
import type { HostEvent } from '../rpc/host.js';
import type { HandlerCounters } from './counters.js';
import { parseEventHandler } from './event-handler.js';
import { HandlerQueue } from './handler-queue.js';
import { OrderedScripts } from './ordered-scripts.js';
import { type ScriptHost, ScriptRunner } from './script-runner.js';
import { tagCondition } from './tag-condition.js';

/** What of the configuration is about handlers. */
export type HandlersConfig = Pick<
  AgentConfig,
  'eventHandlers' | 'eventHandlerTimeoutMs' | 'handlers'
>;

/** All script handlers of an agent: those in Serf's form, and the entries of `handlers:`. */
export class ScriptHandlers {
  readonly #host: ScriptHost;
  readonly #pipes = new PipeMaker();
  readonly #runner: ScriptRunner;
  readonly #ordered: OrderedScripts;
  #queues: readonly HandlerQueue[] = [];
  /** No longer configured; their scripts may still run. */
  #retired: readonly HandlerQueue[] = [];
  #isStopped = false;

  constructor(host: ScriptHost) {
    this.#host = host;
    this.#runner = new ScriptRunner(host, this.#pipes, process.env);
    this.#ordered = new OrderedScripts(host, this.#runner);
  }

  /**
   * Takes a new configuration, from the next event on. A script that runs is not disturbed, and an entry of `handlers:`
   * that is as it was keeps its queue and its counters. Raises EventHandlerError or GoRegexError for what the
   * configuration's own check refuses; then the old one stays.
   */
  async replace(config: HandlersConfig): Promise<void> {
    const eventHandlers = config.eventHandlers.flatMap(parseEventHandler);
    const conditions = await Promise.all(config.handlers.map(({ where }) => tagCondition(where)));
    if (this.#isStopped) return;

    this.#ordered.replace(eventHandlers, config.eventHandlerTimeoutMs);
    const old = [...this.#queues];
    this.#queues = config.handlers.map((handler, index) => {
      const at = old.findIndex((queue) => isDeepStrictEqual(queue.config, handler));
      const [kept] = at < 0 ? [] : old.splice(at, 1);
      const condition = conditions[index] ?? (() => true);
      return kept ?? new HandlerQueue(handler, condition, this.#host, this.#runner);
    });
    for (const queue of old) queue.retire();
    this.#retired = [...this.#retired, ...old].filter(({ running }) => running > 0);
  }

  /** Never waits. */
  take(event: HostEvent): void {
    this.#ordered.take(event);
    for (const queue of this.#queues) queue.take(event);
  }

  /** As `serf info` lists them: `user:deploy` and its script. Of two for the same event, the last. */
  eventHandlers(): Record<string, string> {
    return Object.fromEntries(
      this.#ordered.handlers.map(({ pattern, script }) => [
        `${pattern.event}:${pattern.name}`,
        script,
      ]),
    );
  }

  /** Counters of the handlers in Serf's form, together, and of each entry of `handlers:`. */
  counters(): Record<string, string> {
    const entries =
      this.#ordered.handlers.length > 0 ? figures('event_handlers', this.#ordered) : [];
    const names = new Set(['event_handlers']);
    for (const queue of this.#queues) {
      const name = uniqueName(queue.config.name, names);
      entries.push(...figures(name, queue));
    }
    return Object.fromEntries(entries);
  }

  /**
   * Scripts in Serf's form go on by themselves, as they do when Serf ends; of entries of `handlers:` nothing is left
   * when this resolves.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#ordered.stop();
    await Promise.all([...this.#queues, ...this.#retired].map((queue) => queue.stop()));
    this.#pipes.close();
  }
}

interface Counted {
  readonly counters: HandlerCounters;
  readonly running: number;
  readonly waiting: number;
}

function figures(name: string, { counters, running, waiting }: Counted): [string, string][] {
  const { succeeded, failed, timedOut, retried, dropped } = counters;
  const named = { running, waiting, succeeded, failed, timed_out: timedOut, retried, dropped };
  return Object.entries(named).map(([what, count]) => [`${name}.${what}`, String(count)]);
}

/** `name`, or with a number behind it when there is one of this name already. */
function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let number = 2; taken.has(unique); number += 1) unique = `${name} (${number})`;
  taken.add(unique);
  return unique;
}
