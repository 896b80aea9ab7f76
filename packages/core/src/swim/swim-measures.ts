import { Measure } from './measure.js';

/** What the membership layer measures, for Serf's `memberlist.*` metrics (spec/07 §13.2). */
export class SwimMeasures {
  /** Messages that changed what is known of a member. */
  readonly alive = new Measure();
  readonly suspect = new Measure();
  readonly dead = new Measure();
  /** Milliseconds that each round of failure detection took. */
  readonly probes = new Measure();
  /** Rounds that ended without any sign of life. */
  readonly failedProbes = new Measure();
  /** Suspicions that ended in a death before as many others as wanted had confirmed them. */
  readonly unconfirmedDeaths = new Measure();
}
