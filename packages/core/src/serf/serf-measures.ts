import { Measure } from '../swim/measure.js';

/** What the Serf layer measures, for Serf's `serf.*` metrics (spec/07 §13.2). */
export class SerfMeasures {
  /** Bytes of each message of this layer. */
  readonly received = new Measure();
  readonly sent = new Measure();
  /** How far this node's place moved with each round trip, in milliseconds. */
  readonly adjustments = new Measure();
  /** Messages that wait in each queue, whenever the queues are checked. */
  readonly intents = new Measure();
  readonly events = new Measure();
  readonly queries = new Measure();
  readonly broadcasts = new Measure();
}
