import { expect, test } from 'vitest';
import { type QueryUpdate, RunningQuery } from '../../src/cluster/query.js';

const payload = (text: string) => new TextEncoder().encode(text);
const ack = (from: string): QueryUpdate => ({ type: 'ack', from });
const response = (from: string, text = ''): QueryUpdate => ({
  type: 'response',
  from,
  payload: payload(text),
});

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of source) read.push(item);
  return read;
}

const ignore = () => {};

test('every reader sees everything, whenever it begins, acks and responses each by itself', async () => {
  const query = new RunningQuery('load', ignore);
  query.add(ack('a'));
  const early = Promise.all([all(query), all(query.acks()), all(query.responses())]);
  query.add(response('a', '1'));
  await new Promise((resolve) => setImmediate(resolve));
  query.add(ack('b'));
  query.done(false);

  const expected = [
    [ack('a'), response('a', '1'), ack('b')],
    ['a', 'b'],
    [{ from: 'a', payload: payload('1') }],
  ];
  expect(await early).toEqual(expected);
  expect(await Promise.all([all(query), all(query.acks()), all(query.responses())])).toEqual(
    expected,
  );
});

test('a reader may stop early; the query goes on', async () => {
  const query = new RunningQuery('load', ignore);
  query.add(response('a'));
  for await (const { from } of query.responses()) {
    expect(from).toBe('a');
    break;
  }
  query.add(response('b'));
  query.done(true);

  expect((await query.finished).responses.map(({ from }) => from)).toEqual(['a', 'b']);
});

test('closing ends readers, takes no more answers, and is told once', async () => {
  let closings = 0;
  const query = new RunningQuery('load', () => (closings += 1));
  const reading = all(query);
  query.add(ack('a'));
  query.close();
  query.close();
  query.add(ack('b'));
  query.done(true);

  expect(closings).toBe(1);
  expect(await reading).toEqual([ack('a')]);
  expect(await query.finished).toEqual({ acks: ['a'], responses: [], early: false, dropped: 0 });
});

test('answers beyond the limits are dropped and counted', async () => {
  const query = new RunningQuery('load', ignore, { answers: 3, bytes: 4 });

  expect(query.add(response('a', 'four'))).toBe(true);
  expect(query.add(response('b', 'x'))).toBe(false);
  expect(query.add(ack('a'))).toBe(true);
  expect(query.add(ack('b'))).toBe(true);
  expect(query.add(ack('c'))).toBe(false);
  query.done(false);

  expect(await query.finished).toMatchObject({ acks: ['a', 'b'], dropped: 2 });
});
