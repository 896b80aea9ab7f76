import { expect, test } from 'vitest';
import { BroadcastQueues, queueDepthLimit } from '../../src/serf/broadcast-queues.js';
import { serfOptions } from './nodes-under-test.js';

const message = (letter: string, length: number) => new TextEncoder().encode(letter.repeat(length));
const letters = (messages: readonly Uint8Array[]) =>
  messages.map((each) => String.fromCharCode(each[0] ?? 0)).join('');

function queuesOf(changes: Parameters<typeof serfOptions>[2] = {}): BroadcastQueues {
  return new BroadcastQueues(serfOptions('alpha', 7_946, changes));
}

test.each([
  [0, 100, 4_096],
  [1_024, 100, 1_024],
  [16, 100, 200],
  [16, 101, 202],
])('with a minimum depth of %d and %d members a queue is pruned to %d', (min, members, limit) => {
  expect(queueDepthLimit({ minQueueDepth: min, maxQueueDepth: 4_096 }, members)).toBe(limit);
});

test('a packet is filled with intents first, then queries, then events', () => {
  const queues = queuesOf();
  queues.events.add(message('e', 40));
  queues.queries.add(message('q', 20));
  queues.intents.add(message('i', 10));

  expect(letters(queues.collect(3, 200, 1))).toBe('iqe');
});

test('what does not fit after the others waits for the next packet', () => {
  const queues = queuesOf();
  queues.events.add(message('e', 40));
  queues.queries.add(message('q', 20));
  queues.intents.add(message('i', 10));

  // 10 + 3, then 20 + 3: of 79 bytes 43 are left, as many as the event needs.
  expect(letters(queues.collect(3, 78, 1))).toBe('iq');
  expect(letters(queues.collect(3, 79, 1))).toBe('iqe');
});

test('the retransmit limit grows with the number of members', () => {
  const sendings = (memberCount: number) => {
    const queues = queuesOf();
    queues.intents.add(message('i', 10));
    let count = 0;
    while (queues.collect(3, 100, memberCount).length > 0) count += 1;
    return count;
  };

  // The local profile multiplies by 2; below ten members each other one can be told.
  expect(sendings(3)).toBe(2);
  expect(sendings(4)).toBe(3);
  expect(sendings(9)).toBe(4);
  expect(sendings(10)).toBe(4);
  expect(sendings(100)).toBe(6);
});

test('a queue at its warning depth is reported, and one below is not', () => {
  const queues = queuesOf({ queueDepthWarning: 3 });
  for (const letter of ['a', 'b', 'c']) queues.events.add(message(letter, 10));
  for (const letter of ['a', 'b']) queues.intents.add(message(letter, 10));

  expect(queues.check(1)).toEqual([
    { type: 'report', code: 'queueDepth', queue: 'Event', depth: 3, dropped: 0 },
  ]);
});

test('a queue that grew too deep is pruned of what was sent most, and the report says how many', () => {
  const queues = queuesOf({ queueDepthWarning: 3, maxQueueDepth: 2 });
  queues.intents.add(message('s', 10), { token: 7 });
  queues.collect(3, 100, 100);
  for (const letter of ['a', 'b']) queues.intents.add(message(letter, 10));

  expect(queues.check(1)).toEqual([
    { type: 'report', code: 'queueDepth', queue: 'Intent', depth: 3, dropped: 1 },
  ]);
  expect(queues.intents.takeFinished()).toEqual([{ token: 7, outcome: 'pruned' }]);
  expect(letters(queues.collect(3, 100, 100))).toBe('ba');
});

test('what is dropped is reported, below the warning depth too', () => {
  const queues = queuesOf({ queueDepthWarning: 100, maxQueueDepth: 2 });
  for (const letter of ['a', 'b', 'c']) queues.events.add(message(letter, 10));

  expect(queues.check(1)).toEqual([
    { type: 'report', code: 'queueDepth', queue: 'Event', depth: 3, dropped: 1 },
  ]);
});

test('between two checks a queue grows only so far', () => {
  const queues = queuesOf({ maxQueueDepth: 10 });
  for (let index = 0; index < 1_000; index += 1) queues.events.add(message('e', 10));

  expect(queues.events.length).toBe(80);
  expect(queues.events.dropped).toBe(920);
});

test('a message that no packet has room for is not taken', () => {
  const queues = queuesOf();

  expect(queues.events.add(message('e', 1_396))).toBe(false);
  expect(queues.events.add(message('e', 1_395))).toBe(true);
});

test('a longest message still fits when encryption takes its part of the packet', () => {
  const queues = queuesOf();
  queues.setPacketOverhead(29);

  expect(queues.events.add(message('e', 1_367))).toBe(false);
  expect(queues.events.add(message('e', 1_366))).toBe(true);
  expect(letters(queues.collect(3, 1_400 - 29 - 2, 1))).toBe('e');
});
