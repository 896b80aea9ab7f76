import { type KeyReport, KeysError, type Query } from '@tserf/core';
import type { HostKeyReport, HostQueryObserver } from './host.js';

/**
 * Passes on what comes back from a query. The last call is `done`, also when the node goes before the query's end; then
 * whoever holds the node hears why.
 */
export async function observe(query: Query, observer: HostQueryObserver): Promise<void> {
  try {
    for await (const update of query) {
      if (update.type === 'ack') observer.ack(update.from);
      else observer.response(update.from, update.payload);
    }
  } catch {
    // The engine died, which the agent's `closed` tells.
  }
  observer.done();
}

/** Members that failed are part of the report: whoever shows it says so. */
export async function reportOf(work: Promise<KeyReport>): Promise<HostKeyReport> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof KeysError) return error.report;
    throw error;
  }
}
