import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BroadcastQueue } from '../../src/swim/broadcast-queue.js';
import { retransmitLimit } from '../../src/swim/scaling.js';
import { bytes } from './engine-under-test.js';

const text = (messages: readonly Uint8Array[]) =>
  messages.map((message) => new TextDecoder().decode(message));

function queueOf(messages: readonly string[], limit = 100, retransmitMult = 1): BroadcastQueue {
  const queue = new BroadcastQueue({ retransmitMult, limit });
  for (const message of messages) queue.add(bytes(message));
  return queue;
}

const everything = Number.MAX_SAFE_INTEGER;

describe('the order of a queue', () => {
  test('is longer first, then newer first', () => {
    const queue = queueOf(['a1', 'bbb1', 'a2', 'bbb2']);

    expect(text(queue.collect(2, everything, 10))).toEqual(['bbb2', 'bbb1', 'a2', 'a1']);
  });

  test('puts what was sent less before what is longer', () => {
    const queue = queueOf(['longest']);
    queue.collect(2, everything, 10);
    queue.add(bytes('new'));

    expect(text(queue.collect(2, everything, 10))).toEqual(['new', 'longest']);
  });

  test('lets a shorter one go first when the longer has no room', () => {
    const queue = queueOf(['long message', 'short']);

    expect(text(queue.collect(2, 10, 10))).toEqual(['short']);
  });
});

describe('collecting', () => {
  test('gives 3, 3, 2 and 0 of four messages that are to be sent twice', () => {
    const queue = queueOf([
      'message number one',
      'message number two',
      'a third message 18',
      'the last of four..',
    ]);
    const counts = Array.from({ length: 4 }, () => queue.collect(3, 80, 10).length);

    expect(counts).toEqual([3, 3, 2, 0]);
    expect(queue.length).toBe(0);
  });

  test('sends once even when the list is empty and the limit 0', () => {
    const queue = queueOf(['once']);

    expect(queue.collect(2, 100, 0)).toHaveLength(1);
    expect(queue.length).toBe(0);
  });

  test('counts the overhead of each message', () => {
    const queue = queueOf(['12345', '67890']);

    expect(queue.collect(2, 13, 10)).toHaveLength(1);
  });

  test('takes nothing where not even the overhead fits', () => {
    const queue = queueOf(['x']);

    expect(queue.collect(2, 2, 10)).toEqual([]);
    expect(queue.collect(2, -50, 10)).toEqual([]);
    expect(queue.length).toBe(1);
  });
});

describe('a name', () => {
  test('stands for one message: the newest takes the place of the others', () => {
    const queue = queueOf([]);
    queue.add(bytes('older and longer'), { name: 'node', token: 1 });
    queue.add(bytes('newer'), { name: 'node' });

    expect(queue.takeFinished()).toEqual([{ token: 1, outcome: 'replaced' }]);
    expect(text(queue.collect(2, everything, 10))).toEqual(['newer']);
  });

  test('is still known after its message was sent for the first time', () => {
    const queue = queueOf([]);
    queue.add(bytes('first'), { name: 'node' });
    queue.collect(2, everything, 10);
    queue.add(bytes('second'), { name: 'node' });

    expect(queue.length).toBe(1);
  });

  test('does not touch messages without a name', () => {
    const queue = queueOf(['same', 'same']);

    expect(queue.length).toBe(2);
  });
});

describe('a token', () => {
  test('comes back when the message was sent as often as it should be, and once', () => {
    const queue = queueOf([]);
    queue.add(bytes('x'), { token: 7 });
    queue.collect(2, 100, 10);
    expect(queue.takeFinished()).toEqual([]);

    queue.collect(2, 100, 10);

    expect(queue.takeFinished()).toEqual([{ token: 7, outcome: 'sent' }]);
    expect(queue.takeFinished()).toEqual([]);
  });

  test('comes back when the message is pruned', () => {
    const queue = queueOf([]);
    queue.add(bytes('x'), { token: 7 });
    queue.prune(0);

    expect(queue.takeFinished()).toEqual([{ token: 7, outcome: 'pruned' }]);
  });
});

describe('at its bounds', () => {
  test('pruning drops the most transmitted, then the shortest, then the oldest', () => {
    const queue = queueOf(['sent before']);
    queue.collect(2, everything, 10);
    for (const message of ['cc1', 'b1', 'b2', 'cc2']) queue.add(bytes(message));

    expect(queue.prune(3)).toBe(2);

    expect(text(queue.collect(2, everything, 10))).toEqual(['cc2', 'cc1', 'b2']);
    expect(queue.dropped).toBe(2);
  });

  test('a message beyond the limit pushes the last one out, which is counted', () => {
    const queue = queueOf(['a', 'b', 'c'], 2);

    expect(queue.length).toBe(2);
    expect(queue.dropped).toBe(1);
    expect(text(queue.collect(2, everything, 10))).toEqual(['c', 'b']);
  });

  test('a message that no packet has room for is refused, and an empty one', () => {
    const queue = new BroadcastQueue({ retransmitMult: 1, limit: 10, maxMessageBytes: 5 });

    expect(queue.add(bytes('12345'))).toBe(true);
    expect(queue.add(bytes('123456'))).toBe(false);
    expect(queue.add(bytes(''))).toBe(false);
    expect([queue.length, queue.refused]).toEqual([1, 2]);
  });

  test('no message is longer than a part of a compound can be', () => {
    const queue = new BroadcastQueue({ retransmitMult: 1, limit: 10 });

    expect(queue.add(new Uint8Array(65_535))).toBe(true);
    expect(queue.add(new Uint8Array(65_536))).toBe(false);
  });

  test('less room drops what fits no more', () => {
    const queue = queueOf(['short', 'much longer']);
    queue.setMaxMessageBytes(6);

    expect(queue.dropped).toBe(1);
    expect(text(queue.collect(2, everything, 10))).toEqual(['short']);
  });
});

describe('for every history', () => {
  const step = fc.oneof(
    fc.record({
      add: fc.integer({ min: 1, max: 40 }),
      name: fc.option(fc.constantFrom('a', 'b', 'c')),
    }),
    fc.record({ collect: fc.integer({ min: -5, max: 200 }) }),
    fc.record({ prune: fc.nat(10) }),
  );

  test('the queue stays within its limit, packets within theirs, and each token ends once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new BroadcastQueue({ retransmitMult: 2, limit: 8 });
        const finished: number[] = [];
        let token = 0;
        for (const each of steps) {
          if ('add' in each) {
            token += 1;
            queue.add(new Uint8Array(each.add), { name: each.name ?? undefined, token });
          } else if ('collect' in each) {
            const taken = queue.collect(2, each.collect, 5);
            const used = taken.reduce((sum, message) => sum + 2 + message.length, 0);
            expect(used).toBeLessThanOrEqual(Math.max(0, each.collect));
          } else {
            queue.prune(each.prune);
            expect(queue.length).toBeLessThanOrEqual(each.prune);
          }
          expect(queue.length).toBeLessThanOrEqual(8);
          finished.push(...queue.takeFinished().map((one) => one.token));
        }
        queue.prune(0);
        finished.push(...queue.takeFinished().map((one) => one.token));
        expect(finished.sort((a, b) => a - b)).toEqual(
          Array.from({ length: token }, (_, index) => index + 1),
        );
      }),
    );
  });

  test('each message is sent as often as the limit says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        (lengths, members) => {
          const queue = new BroadcastQueue({ retransmitMult: 2, limit: 100 });
          const sent = new Map<Uint8Array, number>();
          for (const length of lengths) queue.add(new Uint8Array(length));
          while (queue.length > 0) {
            for (const message of queue.collect(2, 64, members)) {
              sent.set(message, (sent.get(message) ?? 0) + 1);
            }
          }
          expect(sent.size).toBe(lengths.length);
          for (const times of sent.values()) expect(times).toBe(retransmitLimit(2, members));
        },
      ),
    );
  });
});

test('ten thousand messages are queued and sent without walking through all of them each time', () => {
  const queue = new BroadcastQueue({ retransmitMult: 4, limit: 10_000 });
  for (let index = 0; index < 10_000; index += 1) queue.add(new Uint8Array(20 + (index % 100)));

  let taken = 0;
  while (queue.length > 0) taken += queue.collect(2, 1_400, 100).length;

  expect(taken).toBe(120_000);
});
