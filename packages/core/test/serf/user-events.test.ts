import { describe, expect, test } from 'vitest';
import type { SerfOutput } from '../../src/serf/output.js';
import { UserEvents, userEventLimitBytes } from '../../src/serf/user-events.js';
import { BroadcastQueue } from '../../src/swim/broadcast-queue.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** An event as it comes from somebody else. */
function take(
  known: UserEvents,
  event: {
    readonly ltime: number;
    readonly name: string;
    readonly payload: Uint8Array | undefined;
  },
): boolean {
  return known.take({ ...event, coalesce: false });
}

const limit = (userEventSizeLimit: number) => ({ userEventSizeLimit });

function events(userEventSizeLimit = 512) {
  const refused: string[] = [];
  const outputs: SerfOutput[] = [];
  const queue = new BroadcastQueue({ retransmitMult: 4, limit: 1_000 });
  const known = new UserEvents(limit(userEventSizeLimit), {
    queue,
    emit: (output) => outputs.push(output),
    refuse: (detail) => refused.push(detail),
  });
  return { events: known, refused, outputs, queue };
}

test('events of one time differ by name and by payload', () => {
  const { events: known } = events();

  expect(take(known, { ltime: 1, name: 'first', payload: bytes('test') })).toBe(true);
  expect(take(known, { ltime: 1, name: 'first', payload: bytes('newpayload') })).toBe(true);
  expect(take(known, { ltime: 1, name: 'second', payload: bytes('other') })).toBe(true);
  expect(take(known, { ltime: 1, name: 'first', payload: bytes('test') })).toBe(false);
});

test('no payload and an empty one are the same event, told as whichever came first', () => {
  const { events: known, outputs } = events();

  expect(take(known, { ltime: 1, name: 'first', payload: undefined })).toBe(true);
  expect(take(known, { ltime: 1, name: 'first', payload: bytes('') })).toBe(false);
  expect(take(known, { ltime: 2, name: 'first', payload: bytes('') })).toBe(true);
  expect(take(known, { ltime: 2, name: 'first', payload: undefined })).toBe(false);
  expect(outputs).toMatchObject([
    { event: { ltime: 1, payload: undefined } },
    { event: { ltime: 2, payload: bytes('') } },
  ]);
  expect(known.groups()).toEqual([
    { ltime: 1, events: [{ name: 'first', payload: undefined }] },
    { ltime: 2, events: [{ name: 'first', payload: bytes('') }] },
  ]);
});

test('an event far behind the clock is dropped, reported and counted', () => {
  const { events: known, outputs, refused } = events();
  known.clock.witness(1_512);

  expect(take(known, { ltime: 1, name: 'old', payload: undefined })).toBe(false);
  expect(known.clock.time).toBe(1_513);
  expect(refused).toEqual([]);
  expect(outputs).toEqual([
    {
      type: 'report',
      code: 'tooOld',
      kind: 'userEvent',
      name: 'old',
      ltime: 1,
      clockTime: 1_513,
    },
  ]);
  expect(known.tooOld).toBe(1);
});

test('an event at an absurd time is refused and leaves the clock alone (weakness 1)', () => {
  const { events: known, refused } = events();

  expect(take(known, { ltime: 2 ** 53, name: 'x', payload: undefined })).toBe(false);
  expect(known.clock.time).toBe(0);
  expect(refused).toHaveLength(1);
});

test('an event larger than anybody may send is refused', () => {
  const { events: known, refused } = events();
  const payload = new Uint8Array(userEventLimitBytes);

  expect(take(known, { ltime: 1, name: '', payload })).toBe(true);
  expect(take(known, { ltime: 1, name: 'x', payload })).toBe(false);
  expect(refused).toHaveLength(1);
});

test('what a push/pull carries is in the order of time and bounded in size (weakness 22)', () => {
  const { events: known } = events();
  const payload = new Uint8Array(9_000);
  for (let ltime = 1; ltime <= 512; ltime += 1) {
    for (const name of ['a', 'b']) take(known, { ltime, name, payload });
  }

  const groups = known.groups();

  const times = groups.map((group) => group.ltime);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBe(512);
  const size = groups.flatMap((group) => group.events).length * payload.length;
  expect(size).toBeLessThanOrEqual(4 * 1_024 * 1_024);
});

test('many events at one time fill their slot only so far, and the rest is refused (weakness 22)', () => {
  const { events: known, refused } = events();
  const payload = new Uint8Array(9_000);

  const taken = Array.from({ length: 100 }, (_, index) =>
    take(known, { ltime: 1, name: `event ${index}`, payload }),
  );

  expect(taken.filter(Boolean)).toHaveLength(28);
  expect(refused).toHaveLength(72);
});

test('an event of each of a thousand members at one moment has room', () => {
  const { events: known, refused } = events();

  const taken = Array.from({ length: 1_000 }, (_, index) =>
    take(known, { ltime: 1, name: 'nightly', payload: bytes(`${index} `.padEnd(200, 'x')) }),
  );

  expect(taken.every(Boolean)).toBe(true);
  expect(refused).toEqual([]);
});

test('a flood that fills all there is keeps out no later event', () => {
  const { events: known, refused } = events();
  const payload = new Uint8Array(9_000);
  for (let ltime = 1; ltime <= 135; ltime += 1)
    for (let index = 0; index < 28; index += 1)
      take(known, { ltime, name: `flood ${index}`, payload });

  expect(take(known, { ltime: 136, name: 'news', payload: bytes('x'.repeat(300)) })).toBe(true);
  expect(take(known, { ltime: 1, name: 'flood 0', payload })).toBe(false);
  expect(refused).toEqual([]);
});

test('name and payload do not run into each other', () => {
  const { events: known } = events();

  expect(take(known, { ltime: 1, name: 'a', payload: bytes('b') })).toBe(true);
  expect(take(known, { ltime: 1, name: 'ab', payload: bytes('') })).toBe(true);
  expect(take(known, { ltime: 1, name: 'a', payload: Uint8Array.of(0xff) })).toBe(true);
  expect(take(known, { ltime: 1, name: 'a\u00ff', payload: undefined })).toBe(true);
});

describe('sending', () => {
  const sent = (name: string, payload: Uint8Array | undefined, sizeLimit?: number) => {
    const { events: known, outputs, queue } = events(sizeLimit);
    known.clock.increment();
    known.send(7, { name, payload, coalesce: true });
    const done = outputs.find((output) => output.type === 'done');
    const told = outputs.flatMap((output) => (output.type === 'event' ? [output.event] : []));
    return { known, done, told, queued: queue.collect(0, 100_000, 1) };
  };

  test('delivers here, queues the bytes that Serf would send, and moves the clock on by one', () => {
    const { known, done, told, queued } = sent('deploy', bytes('v1'));

    expect(done).toEqual({ type: 'done', request: 7, error: undefined });
    expect(told).toEqual([
      { type: 'user', ltime: 1, name: 'deploy', payload: bytes('v1'), coalesce: true },
    ]);
    expect(Buffer.from(queued[0] ?? []).toString('hex')).toBe(
      '0384a24343c3a54c54696d6501a44e616d65a66465706c6f79a75061796c6f6164a27631',
    );
    expect(known.clock.time).toBe(2);
  });

  test.each([
    ['nil', undefined, 0xc0],
    ['an empty text', bytes(''), 0xa0],
  ])('a payload that is %s travels as that', (_what, payload, last) => {
    const { told, queued } = sent('nopay', payload);

    expect(told).toMatchObject([{ payload }]);
    expect(queued[0]?.at(-1)).toBe(last);
  });

  test.each([
    [512, 513, 'user event exceeds configured limit of 512 bytes before encoding'],
    [512, 512, 'encoded user event exceeds configured limit of 512 bytes after encoding'],
    [9_216, 9_217, 'user event exceeds configured limit of 9216 bytes before encoding'],
    [9_216, 9_216, 'encoded user event exceeds configured limit of 9216 bytes after encoding'],
  ])('with a limit of %d bytes, %d are refused in Serf’s words', (sizeLimit, size, error) => {
    const { known, done, told, queued } = sent('name', new Uint8Array(size - 4), sizeLimit);

    expect(done).toEqual({ type: 'done', request: 7, error });
    expect([told, queued]).toEqual([[], []]);
    expect(known.clock.time).toBe(1);
  });

  test('a name counts for its bytes, not its letters', () => {
    expect(sent('ü'.repeat(256), bytes('')).done).toMatchObject({
      error: 'encoded user event exceeds configured limit of 512 bytes after encoding',
    });
    expect(sent('ü'.repeat(257), bytes('')).done).toMatchObject({
      error: 'user event exceeds configured limit of 512 bytes before encoding',
    });
  });

  test('a name that UTF-8 cannot carry is delivered as it arrives elsewhere, and its echo is no second event', () => {
    const { known, told } = sent('a\ud800b', bytes(''));

    expect(told).toMatchObject([{ name: 'a\ufffdb' }]);
    expect(take(known, { ltime: 1, name: 'a\ufffdb', payload: undefined })).toBe(false);
  });
});

test('events before the minimum are dropped without a word, and their time is witnessed', () => {
  const { events: known, refused, outputs } = events();
  known.ignoreBefore(10);
  known.ignoreBefore(5);

  expect(take(known, { ltime: 9, name: 'old', payload: undefined })).toBe(false);
  expect(known.clock.time).toBe(10);
  expect(take(known, { ltime: 10, name: 'new', payload: undefined })).toBe(true);
  expect(refused).toEqual([]);
  expect(outputs).toHaveLength(1);
});
