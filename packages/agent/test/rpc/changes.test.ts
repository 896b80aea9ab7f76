import { Client, KeyError } from '@tserf/client';
import { describe, expect, test } from 'vitest';
import { answer, FakeHost, keyReport, ok, request, startServer, text } from './fake-host.js';

test('events reach the host as they were given', async () => {
  await using rpc = await startServer();
  await using client = await Client.connect(rpc);

  await client.event('deploy', new Uint8Array([0, 255]), { coalesce: true });
  await client.event('deploy', 'grün');
  await client.event('', '');
  await client.event('');

  expect(rpc.host.asked).toEqual([
    ['event', 'deploy', new Uint8Array([0, 255]), true],
    ['event', 'deploy', new Uint8Array(Buffer.from('grün')), false],
    ['event', '', new Uint8Array(0), false],
    ['event', '', undefined, false],
  ]);
});

test('events of one client overlap; their answers, and what comes behind them, keep their order', async () => {
  const host = new FakeHost();
  const finish: (() => void)[] = [];
  host.event = (name) => {
    host.asked.push([name]);
    return new Promise((resolve, reject) => {
      finish.push(name === 'bad' ? () => reject(new Error('no')) : resolve);
    });
  };
  await using rpc = await startServer({}, host);
  const client = await (await rpc.connect()).shakeHands();
  const event = (seq: number, name: string) =>
    `${request('event', seq)}81${text('Name')}${text(name)}`;

  client.send(event(1, 'one'), event(2, 'bad'), event(3, 'three'));
  client.send(request('force-leave', 4), '80', event(5, 'five'));
  await expect.poll(() => host.asked).toEqual([['one'], ['bad'], ['three']]);
  finish[2]?.();
  finish[1]?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(host.asked).toHaveLength(3);
  finish[0]?.();

  await client.expect(ok(1), answer(2, 'no'), ok(3), ok(4));
  await expect
    .poll(() => host.asked.slice(3))
    .toEqual([['forceLeave', '', { prune: false }], ['five']]);
  // A client that has nothing more to say still gets what it waits for.
  client.socket.end();
  await new Promise((resolve) => setTimeout(resolve, 20));
  finish[3]?.();
  expect(await client.untilClosed()).toBe(ok(5));
});

test('a client has only so many events under way', async () => {
  const host = new FakeHost();
  let finish = () => {};
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  host.event = (name) => {
    host.asked.push([name]);
    return gate;
  };
  await using rpc = await startServer({}, host);
  await using client = await Client.connect(rpc);

  const sent = Array.from({ length: 1_000 }, () => client.event('flood'));
  await expect.poll(() => host.asked.length).toBe(256);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(host.asked).toHaveLength(256);

  finish();
  await Promise.all(sent);
  expect(host.asked).toHaveLength(1_000);
});

test('changes of tags reach the host, those of none too', async () => {
  await using rpc = await startServer();
  await using client = await Client.connect(rpc);

  await client.updateTags({ set: { role: 'db' }, delete: ['old'] });
  await client.updateTags({ delete: ['old'] });
  await client.updateTags({});

  expect(rpc.host.asked).toEqual([
    ['updateTags', { set: { role: 'db' }, delete: ['old'] }],
    ['updateTags', { set: {}, delete: ['old'] }],
    ['updateTags', { set: {}, delete: [] }],
  ]);
});

test('what the host refuses reaches the client word for word', async () => {
  const host = new FakeHost();
  const refuse = () => Promise.reject(new Error('no, as Serf would say it'));
  Object.assign(host, { event: refuse, updateTags: refuse, coordinate: refuse, listKeys: refuse });
  await using rpc = await startServer({}, host);
  await using client = await Client.connect(rpc);

  for (const work of [
    client.event('x'),
    client.updateTags({}),
    client.getCoordinate('alpha'),
    client.listKeys(),
  ]) {
    await expect(work).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'no, as Serf would say it',
    });
  }
  expect(await client.members()).toHaveLength(2);
});

test('a coordinate comes as numbers that have all their digits, or not at all', async () => {
  const host = new FakeHost();
  const place = { vector: [1e-5, -0.1, 0, 1 / 3], error: 1.5, adjustment: -1e-300, height: 1 };
  host.coordinates = { alpha: place };
  await using rpc = await startServer({}, host);
  await using client = await Client.connect(rpc);

  expect(await client.getCoordinate('alpha')).toEqual(place);
  expect(await client.getCoordinate('nobody')).toBeUndefined();
});

describe('keys', () => {
  const key = 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=';

  test('are changed by the text that the client sent', async () => {
    await using rpc = await startServer();
    await using client = await Client.connect(rpc);

    await client.installKey(key);
    await client.useKey('bad!');
    await client.removeKey('');

    expect(rpc.host.asked).toEqual([
      ['installKey', key],
      ['useKey', 'bad!'],
      ['removeKey', ''],
    ]);
  });

  test('are listed with how many hold and use them; a change tells neither', async () => {
    const host = new FakeHost();
    host.report = keyReport({
      numNodes: 3,
      numResponses: 3,
      keys: new Map([[key, 3]]),
      primaryKeys: new Map([[key, 2]]),
      messages: new Map([['a', 'truncated key list response, showing first 17 of 50 keys']]),
    });
    await using rpc = await startServer({}, host);
    await using client = await Client.connect(rpc);

    const counts = { numNodes: 3, numResponses: 3, numErrors: 0 };
    const messages = { a: 'truncated key list response, showing first 17 of 50 keys' };
    expect(await client.listKeys()).toEqual({
      ...counts,
      messages,
      keys: { [key]: 3 },
      primaryKeys: { [key]: 2 },
    });
    expect(await client.installKey(key)).toEqual({
      ...counts,
      messages,
      keys: undefined,
      primaryKeys: undefined,
    });
  });

  test.each([
    [{ numResponses: 3, numErrors: 2 }, '2/3 nodes reported failure'],
    [{ numResponses: 2, numErrors: 1 }, '1/3 nodes reported failure'],
    [{ numResponses: 2, numErrors: 0 }, '2/3 nodes reported success'],
    [{ numResponses: 0, numErrors: 0 }, '0/3 nodes reported success'],
    [{ numResponses: 4, numErrors: 0 }, '4/3 nodes reported success'],
  ])('with %j of three nodes: %s, and the report', async (counts, message) => {
    const host = new FakeHost();
    host.report = keyReport({ numNodes: 3, ...counts, messages: new Map([['b', 'no']]) });
    await using rpc = await startServer({}, host);
    await using client = await Client.connect(rpc);

    for (const work of [client.useKey(key), client.listKeys()]) {
      const error = await work.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(KeyError);
      expect(error).toMatchObject({
        code: 'REFUSED',
        message,
        report: { numNodes: 3, ...counts, messages: { b: 'no' } },
      });
    }
  });
});
