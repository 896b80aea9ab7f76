import { expect, test } from 'vitest';
import { EventStream } from '../../src/cluster/event-stream.js';

const unwatched = () => undefined;
const weightless = () => 0;

test('a reader gets what was there before it, then waits for more', async () => {
  const stream = new EventStream<number>(unwatched, weightless);
  stream.push(1);

  expect(await stream.next()).toEqual({ done: false, value: 1 });
  const next = stream.next();
  stream.push(2);

  expect(await next).toEqual({ done: false, value: 2 });
});

test('a slow reader loses the oldest, counted, and the order stays', async () => {
  const stream = new EventStream<number>(unwatched, weightless, { items: 1_000, bytes: 1 });
  for (let value = 0; value < 5_000; value += 1) stream.push(value);
  stream.end();

  const read: number[] = [];
  for await (const value of stream) read.push(value);

  expect(stream.dropped).toBe(4_000);
  expect(read).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 4_000));
});

test('what a slow reader leaves unread is bounded by its size too', async () => {
  const stream = new EventStream<string>(unwatched, (text) => text.length, { items: 10, bytes: 5 });
  for (const text of ['aaa', 'b', 'cc', 'ddd', 'too large']) stream.push(text);
  stream.push('e');
  stream.end();

  const read: string[] = [];
  for await (const text of stream) read.push(text);

  expect(read).toEqual(['e']);
  expect(stream.dropped).toBe(5);
});

test('a reader that stops is told to its owner, and gets no more', async () => {
  const gone: unknown[] = [];
  const stream = new EventStream<number>((left) => gone.push(left), weightless);
  stream.push(1);

  for await (const _ of stream) break;
  stream.push(2);

  expect(gone).toEqual([stream]);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test('after an error, what is unread can still be read', async () => {
  const stream = new EventStream<number>(unwatched, weightless);
  stream.push(1);
  stream.end(new Error('died'));

  expect(await stream.next()).toEqual({ done: false, value: 1 });
  await expect(stream.next()).rejects.toThrow('died');
});
