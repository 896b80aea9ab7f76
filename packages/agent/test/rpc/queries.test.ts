import { Client } from '@tserf/client';
import { describe, expect, test } from 'vitest';
import type { HostQueryObserver } from '../../src/rpc/host.js';
import {
  alpha,
  answer,
  FakeHost,
  ok,
  query,
  type RawClient,
  request,
  startServer,
  text,
} from './fake-host.js';

const record = (from: string, payload: string, type: string) =>
  `83${text('From')}${text(from)}${text('Payload')}${payload}${text('Type')}${text(type)}`;
const done = record('', 'c0', 'done');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks with the number `seq`, and waits until the host has been asked. */
async function ask(client: RawClient, host: FakeHost, seq = 1, body = '80') {
  host.observer = undefined;
  client.send(request('query', seq), body);
  await expect.poll(() => host.observer).toBeDefined();
  return observerOf(host);
}

function observerOf({ observer }: FakeHost): HostQueryObserver {
  if (observer === undefined) throw new Error('nobody asked');
  return observer;
}

describe('a query', () => {
  test('ends on the node when its client is gone', async () => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();
    await ask(client, rpc.host, 1, `81${text('Name')}${text('load')}`);
    (await ask(client, rpc.host, 2, `81${text('Name')}${text('over')}`)).done();
    await pause(100);

    client.socket.destroy();

    await expect.poll(() => rpc.host.asked.length).toBe(3);
    expect(rpc.host.asked.at(-1)).toEqual(['end of query', 'load']);
  });

  test('reaches the host with all its fields', async () => {
    await using rpc = await startServer();
    await using client = await Client.connect(rpc);

    await client.query('load', '15m', {
      filterNodes: ['alpha', 'beta'],
      filterTags: { role: 'web|db' },
      requestAck: true,
      relayFactor: 255,
      timeoutMs: 800,
      early: true,
    });
    await client.query('bare');

    const bare = {
      name: 'bare',
      payload: undefined,
      filterNodes: [],
      filterTags: {},
      requestAck: false,
      relayFactor: 0,
      timeoutMs: 0,
      early: false,
    };
    expect(rpc.host.asked).toEqual([
      [
        'query',
        {
          name: 'load',
          payload: new Uint8Array(Buffer.from('15m')),
          filterNodes: ['alpha', 'beta'],
          filterTags: { role: 'web|db' },
          requestAck: true,
          relayFactor: 255,
          timeoutMs: 800,
          early: true,
        },
      ],
      ['query', bare],
    ]);
  });

  test.each([
    ['the shortest time-out', '01', 1e-6],
    ['a negative one', 'ff', -1e-6],
    ['the longest one', 'd37fffffffffffffff', 2 ** 63 / 1e6],
  ])('%s is passed on', async (_what, timeout, timeoutMs) => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();

    await ask(client, rpc.host, 1, `81${text('Timeout')}${timeout}`);

    expect(rpc.host.asked).toEqual([['query', expect.objectContaining({ timeoutMs })]]);
  });

  test('is answered first, then come its records, whatever the host does first', async () => {
    const host = new FakeHost();
    host.query = async (_request, observer) => {
      observer.ack('alpha');
      observer.response('alpha', undefined);
      await pause(10);
      observer.response('beta', Buffer.from('x'));
      observer.response('gamma', new Uint8Array(0));
      observer.done();
      return () => {};
    };
    await using rpc = await startServer({}, host);
    const client = await (await rpc.connect()).shakeHands();

    client.send(request('query', 1), '80');

    await client.expect(ok(1), ok(1), record('alpha', 'c0', 'ack'));
    await client.expect(ok(1), record('alpha', 'c0', 'response'));
    await client.expect(ok(1), record('beta', 'c40178', 'response'), ok(1));
    await client.expect(record('gamma', 'c400', 'response'), ok(1), done);
  });

  test('leaves time between the last record and its end', async () => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();
    const observer = await ask(client, rpc.host);
    await client.expect(ok(1));

    observer.ack('alpha');
    observer.done();
    const startMs = performance.now();
    // Who answers during the pause is too late.
    observer.response('late', new Uint8Array(1));

    await client.expect(ok(1), record('alpha', 'c0', 'ack'), ok(1), done);
    expect(performance.now() - startMs).toBeGreaterThan(40);
  });

  test('does not hold up its connection, and several run at once', async () => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();
    const first = await ask(client, rpc.host, 1);
    const second = await ask(client, rpc.host, 2);
    await client.expect(ok(1), ok(2));

    client.send(request('stop', 3), `81${text('Stop')}01`);
    await client.expect(ok(3));
    second.ack('alpha');
    await client.expect(ok(2), record('alpha', 'c0', 'ack'));
    // It cannot be stopped: that was for a stream of this number.
    first.done();
    await client.expect(ok(1), done);
  });

  test('that the host refuses is an answer without records', async () => {
    const host = new FakeHost();
    host.query = async (_request, observer) => {
      observer.ack('alpha');
      throw new Error('query exceeds limit of 1024 bytes');
    };
    await using rpc = await startServer({}, host);
    const client = await (await rpc.connect()).shakeHands();

    client.send(request('query', 1), '80', request('stop', 2), '80');

    await client.expect(answer(1, 'query exceeds limit of 1024 bytes'), ok(2));
  });

  test.each([
    [`82${text('Name')}${text('_serf_x')}${text('Payload')}c0`, false],
    [`82${text('Name')}${text('_serf_ping')}${text('Payload')}c400`, false],
    [`82${text('Name')}${text('_serf_ping')}${text('Payload')}c0`, true],
    [`81${text('Name')}${text('_serf_ping')}`, true],
    [`81${text('Name')}${text('serf_x')}`, true],
  ])('%s of the reserved names: taken is %s', async (body, isTaken) => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();

    client.send(request('query', 1), body);

    const refusal = answer(1, "Queries cannot contain the '_serf_' prefix");
    await client.expect(isTaken ? ok(1) : refusal);
  });

  test('whose client went away is nobody’s any more', async () => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();
    const observer = await ask(client, rpc.host);
    await client.expect(ok(1));

    client.socket.destroy();
    await client.untilClosed();
    await pause(20);

    observer.ack('alpha');
    observer.done();
    await using other = await Client.connect(rpc);
    expect(await other.members()).toHaveLength(2);
  });

  test('one connection has its limit of them, and has room again when one ends', async () => {
    await using rpc = await startServer();
    await using client = await Client.connect(rpc);
    const first = await client.query('load');
    const { observer } = rpc.host;
    await Promise.all(Array.from({ length: 255 }, () => client.query('load')));

    await expect(client.query('load')).rejects.toThrow('More than 256 queries at once');
    observer?.done();
    for await (const update of first) throw new Error(`got ${update.type}`);
    await client.query('load');
  });

  test('to a client that does not read loses answers, never its end', async () => {
    const host = new FakeHost();
    host.list = [alpha];
    await using rpc = await startServer({}, host);
    const client = await (await rpc.connect()).shakeHands();
    const observer = await ask(client, host);
    await client.expect(ok(1));
    client.socket.pause();

    const payload = new Uint8Array(1024 * 1024);
    for (let count = 0; count < 100; count++) observer.response(`node-${count}`, payload);
    observer.done();
    await expect
      .poll(() => rpc.lines.at(-1), { timeout: 10_000 })
      .toMatch(/Dropping query records to ipc\.client: 127\.0\.0\.1:\d+ \(\d+ dropped\)$/);
    const dropped = Number(/\((\d+) dropped/.exec(rpc.lines.at(-1) ?? '')?.[1]);
    client.socket.resume();
    for (let count = 0; count < 100 - dropped; count++) {
      const start = `${ok(1)}83${text('From')}${text(`node-${count}`)}`;
      await client.expect(start);
      await client.read(8 + 5 + payload.length + 5 + 9);
    }
    await client.expect(ok(1), done);
  });
});

describe('an answer', () => {
  const respond = (seq: number, id: string, payload = 'c0') =>
    `${request('respond', seq)}82${text('ID')}${id}${text('Payload')}${payload}`;

  async function listening(host = new FakeHost()) {
    const rpc = await startServer({}, host);
    const client = await (await rpc.connect()).shakeHands();
    client.send(request('stream', 1), `81${text('Type')}${text('query')}`);
    await client.expect(ok(1));
    return { rpc, client, host };
  }
  const told = (id: string) =>
    `${ok(1)}85${text('Event')}${text('query')}${text('ID')}${id}${text('LTime')}01${text('Name')}${text('load')}${text('Payload')}c0`;

  test('goes to the query that its number names on this connection', async () => {
    const { rpc, client, host } = await listening();
    await using _ = rpc;
    const other = await (await rpc.connect()).shakeHands();
    host.emit(query({ query: 71 }));
    host.emit(query({ query: 72 }));
    await client.expect(told('01'), told('02'));

    client.send(
      respond(2, '02', 'c40178'),
      respond(3, '01'),
      respond(4, 'cf0000000000000001', 'c400'),
    );
    await client.expect(ok(2), ok(3), ok(4));
    const unknown = 'No pending queries matching ID';
    client.send(respond(5, '03'), respond(6, '00'), respond(7, 'cfffffffffffffffff'));
    await client.expect(answer(5, unknown), answer(6, unknown), answer(7, unknown));
    other.send(respond(8, '01'));
    await other.expect(answer(8, unknown));

    expect(host.asked).toEqual([
      ['respond', 72, new Uint8Array(Buffer.from('x'))],
      ['respond', 71, undefined],
      ['respond', 71, new Uint8Array(0)],
    ]);
  });

  test('is refused in Serf’s words, with the prefix that it has for every query', async () => {
    const { rpc, client, host } = await listening();
    await using _ = rpc;
    host.respond = () => Promise.reject(new Error('response already sent'));
    host.emit(query());
    await client.expect(told('01'));

    client.send(respond(2, '01'));
    await client.expect(answer(2, 'failed to respond to key query: response already sent'));
    host.respond = () =>
      Promise.reject(new Error('failed to respond to key query: response is past the deadline'));
    client.send(respond(3, '01'));
    await client.expect(answer(3, 'failed to respond to key query: response is past the deadline'));
  });

  test('after the deadline finds no query, even one that was told too late', async () => {
    const { rpc, client, host } = await listening();
    await using _ = rpc;
    host.emit(query({ deadline: Date.now() - 1 }));
    host.emit(query({ deadline: Date.now() + 100 }));
    await client.expect(told('01'), told('02'));

    await pause(120);
    client.send(respond(2, '01'), respond(3, '02'));

    const unknown = 'No pending queries matching ID';
    await client.expect(answer(2, unknown), answer(3, unknown));
    expect(host.asked).toEqual([]);
  });

  test('to one of very many queries is possible for the newest', async () => {
    const { rpc, client, host } = await listening();
    await using _ = rpc;
    // In two portions, as more than 512 at once would be dropped.
    for (let count = 0; count < 5_000; count++) {
      host.emit(query({ query: count }));
      if (count % 400 === 399) await pause(5);
    }
    await expect
      .poll(
        async () => {
          client.send(respond(2, 'cd1388'));
          await client.read(1);
          return host.asked.length;
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0);

    expect(host.asked[0]).toEqual(['respond', 4_999, undefined]);
  });
});
