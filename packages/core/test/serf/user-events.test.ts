import { expect, test } from 'vitest';
import { UserEvents, userEventLimitBytes } from '../../src/serf/user-events.js';

const bytes = (text: string) => new TextEncoder().encode(text);

function events(): { readonly events: UserEvents; readonly refused: string[] } {
  const refused: string[] = [];
  return { events: new UserEvents((detail) => refused.push(detail)), refused };
}

test('events of one time differ by name and by payload', () => {
  const { events: known } = events();

  expect(known.receive({ ltime: 1, name: 'first', payload: bytes('test') })).toBe(true);
  expect(known.receive({ ltime: 1, name: 'first', payload: bytes('newpayload') })).toBe(true);
  expect(known.receive({ ltime: 1, name: 'second', payload: bytes('other') })).toBe(true);
  expect(known.receive({ ltime: 1, name: 'first', payload: bytes('test') })).toBe(false);
});

test('an absent payload and an empty one are the same event', () => {
  const { events: known } = events();

  expect(known.receive({ ltime: 1, name: 'first', payload: undefined })).toBe(true);
  expect(known.receive({ ltime: 1, name: 'first', payload: bytes('') })).toBe(false);
});

test('an event far behind the clock is dropped without a word', () => {
  const { events: known, refused } = events();
  known.clock.witness(1_512);

  expect(known.receive({ ltime: 1, name: 'old', payload: undefined })).toBe(false);
  expect(known.clock.time).toBe(1_513);
  expect(refused).toEqual([]);
});

test('an event at an absurd time is refused and leaves the clock alone (weakness 1)', () => {
  const { events: known, refused } = events();

  expect(known.receive({ ltime: 2 ** 53, name: 'x', payload: undefined })).toBe(false);
  expect(known.clock.time).toBe(0);
  expect(refused).toHaveLength(1);
});

test('an event larger than anybody may send is refused', () => {
  const { events: known, refused } = events();
  const payload = new Uint8Array(userEventLimitBytes);

  expect(known.receive({ ltime: 1, name: '', payload })).toBe(true);
  expect(known.receive({ ltime: 1, name: 'x', payload })).toBe(false);
  expect(refused).toHaveLength(1);
});

test('what a push/pull carries is in the order of time and bounded in size (weakness 22)', () => {
  const { events: known } = events();
  const payload = new Uint8Array(9_000);
  for (let ltime = 1; ltime <= 512; ltime += 1) {
    for (const name of ['a', 'b']) known.receive({ ltime, name, payload });
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
    known.receive({ ltime: 1, name: `event ${index}`, payload }),
  );

  expect(taken.filter(Boolean)).toHaveLength(7);
  expect(refused).toHaveLength(93);
});
