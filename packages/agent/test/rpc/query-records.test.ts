import { Socket } from 'node:net';
import type { QueryRecord } from '@tserf/client';
import { expect, test, vi } from 'vitest';
import { Feed } from '../../src/rpc/feed.js';
import { Outbox } from '../../src/rpc/outbox.js';
import { QueryRecords } from '../../src/rpc/query-records.js';

test('a query to which nobody listens any more is ended on the node, and over once', () => {
  vi.useFakeTimers();
  try {
    const feed = new Feed<QueryRecord>({
      outbox: new Outbox(new Socket()),
      isHeld: true,
      write: () => {},
      dropped: () => {},
    });
    const calls: string[] = [];
    const records = new QueryRecords(feed, () => calls.push('over'));
    records.endBy(() => {
      calls.push('ended on the node');
      records.done();
    });

    records.stop();
    vi.advanceTimersByTime(1_000);

    expect(calls).toEqual(['ended on the node', 'over']);
  } finally {
    vi.useRealTimers();
  }
});
