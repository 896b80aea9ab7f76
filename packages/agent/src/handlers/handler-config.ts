import type { Tags } from '@tserf/core';
import type { HandlerSettings } from './handler-schema.js';

/** One checked entry of `handlers:`: a script with a queue of its own. Times are milliseconds. */
export interface HandlerConfig {
  /** What logs and counters call it. */
  readonly name: string;
  /** A text is for the shell; a list is a program and its arguments, without one. */
  readonly script: string | readonly string[];
  /** Elements of Serf's filters: `member-join`, `user:deploy`, `query`, `*`. */
  readonly on: readonly string[];
  /** Runs only while each of these tags of this node matches its pattern, in Go's dialect. */
  readonly where: Tags;
  /** Counted from the start of the script, whose whole process group is then ended. Absent: never. */
  readonly timeoutMs: number | undefined;
  /** How many run at the same time. With one, events are worked off in their order. */
  readonly concurrency: number;
  /** Events that may wait; what comes beyond them is dropped and counted. */
  readonly queueLimit: number;
  readonly retry: RetryConfig;
  /** The end of the output that is kept, for the log and as the answer to a query. */
  readonly outputLimitBytes: number;
}

interface RetryConfig {
  /** After the first run; 0 never tries again. */
  readonly attempts: number;
  /** Before the first retry; doubled before each further one. */
  readonly delayMs: number;
  readonly longestDelayMs: number;
}

/** Of entries of `handlers:`; a script in Serf's form has neither queue nor retry of its own. */
const defaults = {
  concurrency: 1,
  queueLimit: 1_024,
  retryDelayMs: 1_000,
  longestRetryDelayMs: 60_000,
  outputLimitBytes: 8_192,
} as const;

/** An entry of `handlers:` with all its defaults. */
export function handlerConfig(settings: HandlerSettings): HandlerConfig {
  const { name, script, on, where, timeout, retry } = settings;
  return {
    name: name || (typeof script === 'string' ? script : script.join(' ')),
    script,
    on: typeof on === 'string' ? [on] : on,
    where: where ?? {},
    timeoutMs: timeout || undefined,
    concurrency: settings.concurrency ?? defaults.concurrency,
    queueLimit: settings.queue ?? defaults.queueLimit,
    retry: {
      attempts: retry?.attempts ?? 0,
      delayMs: retry?.delay ?? defaults.retryDelayMs,
      longestDelayMs: retry?.max_delay ?? defaults.longestRetryDelayMs,
    },
    outputLimitBytes: settings.output_limit ?? defaults.outputLimitBytes,
  };
}
