import type { SwimNotice } from '../swim/output.js';
import { RateTable } from '../swim/rate-table.js';
import { endpointOf, formatEndpoint } from '../wire/endpoint.js';
import type { SerfOutput } from './output.js';

/** A contested name gets a line once in this time, however often it is claimed. */
const lineIntervalMs = 1_000;
/** Contested names that are told apart when it comes to how often each gets a line. */
const contestedNameLimit = 1_024;

/** What this node does when two nodes claim one name (spec/03 §15.4). */
export class NameConflicts {
  readonly #self: string;
  readonly #emit: (output: SerfOutput) => void;
  readonly #lines = new RateTable({ intervalMs: lineIntervalMs, limit: contestedNameLimit });

  constructor(self: string, emit: (output: SerfOutput) => void) {
    this.#self = self;
    this.#emit = emit;
  }

  /** The membership layer saw the same name at two addresses. */
  heard({ existing, other }: Extract<SwimNotice, { type: 'conflict' }>, nowMs: number): void {
    if (!this.#lines.allows(existing.name, nowMs)) return;
    const rival = endpointOf(other.address, other.port);
    this.#emit({
      type: 'report',
      code: 'nameConflict',
      node: existing.name,
      own: existing.name === this.#self,
      existing: formatEndpoint(existing.endpoint),
      other: rival === undefined ? 'an unknown address' : formatEndpoint(rival),
    });
  }
}
