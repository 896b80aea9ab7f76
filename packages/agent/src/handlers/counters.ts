import type { ScriptOutcome } from './script-runner.js';

/** What became of the events that a handler was for, since it was first configured. */
export class HandlerCounters {
  succeeded = 0;
  failed = 0;
  /** Ended, as they ran too long; not among `failed`. */
  timedOut = 0;
  /** Runs after a failure; each is counted by its own end as well. */
  retried = 0;
  /** Events for which there was no room. */
  dropped = 0;

  count(outcome: ScriptOutcome): void {
    if (outcome === 'succeeded') this.succeeded += 1;
    else if (outcome === 'failed') this.failed += 1;
    else if (outcome === 'timed out') this.timedOut += 1;
  }
}
