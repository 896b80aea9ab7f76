/** What must hold at every step, and at the end. */
export type Rule =
  /** The node threw instead of answering. */
  | 'threw'
  /** A node sent what the codecs can't read back. */
  | 'unreadable'
  /** The incarnation of an entry fell while the entry lived. */
  | 'incarnation-fell'
  /** A dead or left member was taken as alive again at no higher incarnation. */
  | 'resurrected'
  | 'queue-over-limit'
  | 'packet-over-budget'
  /** More timers wait than the node's open business explains. */
  | 'timers-leak'
  /** A timer without a usable time. */
  | 'bad-timer'
  | 'sent-to-itself'
  /** A user event was delivered, or a query asked, twice in one life of a node. */
  | 'delivered-twice'
  /** One member's ack or answer was told twice. */
  | 'answer-twice'
  /** A query of a node that lives did not end, or ended twice, or told something after its end. */
  | 'query-end'
  /** Inputs without end at one moment. */
  | 'time-stands-still'
  /** After healing the nodes do not agree within `settleMs`, or the agreement does not hold. */
  | 'disagreement';

/** A rule that was broken: where, when, and how. */
export interface Violation {
  readonly rule: Rule;
  readonly atMs: number;
  /** The node on which it shows; absent for the cluster as a whole. */
  readonly node: string | undefined;
  readonly detail: string;
}
