import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { KeysError } from '../../src/cluster/cluster-error.js';
import type { EngineResult } from '../../src/engine/protocol.js';
import { asked, bytes, deployed, freshEngines, hosts, told, turn } from './fake-engine.js';
import { start } from './started-handle.js';

vi.mock('../../src/engine/host.js', async () => (await import('./fake-engine.js')).fakeHosts);

beforeEach(freshEngines);
afterEach(() => {
  for (const host of hosts) host.answers = true;
  vi.useRealTimers();
});

test('user events and queries are heard under their types and among all events', async () => {
  const { cluster, host } = await start();
  await turn();
  const heard: string[] = [];
  cluster
    .on('user', ({ name, payload }) => heard.push(`${name} ${new TextDecoder().decode(payload)}`))
    .on('query', ({ name, from, deadline }) => heard.push(`${name} of ${from} by ${deadline}`))
    .on('event', ({ type }) => heard.push(type));

  host.tell(told(deployed), told(asked('load')));

  expect(heard).toEqual(['deploy v1', 'user', 'load of a by 1700000000000', 'query']);
});

test('an event is sent with its bytes copied, text as UTF-8, and not coalesced unless asked for', async () => {
  const { cluster, host } = await start();
  const payload = Uint8Array.of(0, 255, 10);

  await cluster.event('deploy', 'v1 ü');
  const sending = cluster.event('deploy', payload, { coalesce: true });
  payload.fill(7);
  await sending;
  await cluster.event('none');
  await cluster.event('empty', '');

  const event = { type: 'userEvent', name: 'deploy' };
  expect(host.sent.slice(1)).toMatchObject([
    { ...event, payload: bytes('v1 ü'), coalesce: false },
    { ...event, payload: Uint8Array.of(0, 255, 10), coalesce: true },
    { type: 'userEvent', name: 'none', payload: undefined, coalesce: false },
    { type: 'userEvent', name: 'empty', payload: new Uint8Array(), coalesce: false },
  ]);
});

test('a query is asked with all defaults set, and brings its answers to every reader', async () => {
  const { cluster, host } = await start();
  host.answers = false;

  const asking = cluster.query('load', '15m', { filterTags: { role: 'web' }, requestAck: true });
  const { request } = host.last;
  expect(host.last).toEqual({
    type: 'query',
    request,
    query: {
      name: 'load',
      payload: bytes('15m'),
      filterNodes: [],
      filterTags: { role: 'web' },
      requestAck: true,
      relayFactor: 0,
      timeoutMs: 0,
      endEarly: true,
    },
  });
  host.tell({ type: 'queryStarted', request, deadline: 1_700_000_000_000 });
  host.done(request, { type: 'ok' });
  const query = await asking;
  host.tell(
    { type: 'queryAck', request, from: 'a' },
    { type: 'queryResponse', request, from: 'a', payload: bytes('0.5') },
    { type: 'queryDone', request, acks: 1, responses: 1, early: true },
    { type: 'queryAck', request, from: 'late' },
  );

  expect(query.deadline).toBe(1_700_000_000_000);
  expect(await query.finished).toEqual({
    acks: ['a'],
    responses: [{ from: 'a', payload: bytes('0.5') }],
    early: true,
    dropped: 0,
  });
});

test('a query that is refused rejects with the text of Serf', async () => {
  const { cluster, host } = await start();
  host.answers = false;

  const asking = cluster.query('large', new Uint8Array(2_000));
  host.done(host.last.request, { type: 'error', message: 'query exceeds limit of 1024 bytes' });

  await expect(asking).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'query exceeds limit of 1024 bytes',
  });
});

// In JavaScript anything may come; behind this door it would be taken for a fault of the engine.
test.each<[string, (cluster: Cluster) => Promise<unknown>]>([
  ['name is no text but number', (cluster) => cluster.event(wrong(5))],
  ['name is no text but undefined', (cluster) => cluster.query(wrong(undefined))],
  ['payload is neither text nor bytes but an object', (cluster) => cluster.event('x', wrong({}))],
  ['payload is neither text nor bytes but number', (cluster) => cluster.respond(1, wrong(5))],
  ['key is neither text nor bytes but undefined', (cluster) => cluster.useKey(wrong(undefined))],
  ['node is no text but null', (cluster) => cluster.forceLeave(wrong(null))],
  ["tags: the value of 'a' is no text but number", (cluster) => cluster.setTags(wrong({ a: 1 }))],
  ['addresses is no list but string', (cluster) => cluster.join(wrong('10.0.0.5'))],
  [
    'an entry of filterNodes is no text but number',
    (cluster) => cluster.query('x', '', { filterNodes: wrong([5]) }),
  ],
  [
    'relayFactor: 256 is no whole number from 0 to 255',
    (cluster) => cluster.query('x', '', { relayFactor: 256 }),
  ],
  [
    'timeoutMs: NaN is no number of milliseconds',
    (cluster) => cluster.query('x', '', { timeoutMs: Number.NaN }),
  ],
  [
    "unknown option of a query 'timeout'",
    (cluster) => cluster.query('x', '', wrong({ timeout: 5 })),
  ],
])('%s: refused at the door', async (message, call) => {
  const { cluster, host } = await start();
  host.sent.length = 0;

  await expect(call(cluster)).rejects.toMatchObject({ code: 'BAD_OPTION', message });
  expect(host.sent).toEqual([]);
});

/** What a program without types may hand in. */
function wrong(value: unknown): never {
  return value as never;
}

test('a query waits no longer than the protocol can say', async () => {
  const { cluster, host } = await start();

  await cluster.query('x', '', { timeoutMs: Number.POSITIVE_INFINITY });

  expect(host.last).toMatchObject({ query: { timeoutMs: 9_007_199_254 } });
});

test('a query under way ends with the node: rejected, its readers ended, or failed with a dead engine', async () => {
  const { cluster, host } = await start();
  const query = await cluster.query('load');
  const reading = (async () => {
    for await (const _ of query) throw new Error('nobody answered');
  })();

  await cluster.shutdown();

  await expect(query.finished).rejects.toMatchObject({ code: 'SHUT_DOWN' });
  await reading;
  await expect(cluster.query('load')).rejects.toMatchObject({ code: 'SHUT_DOWN' });

  hosts.length = 0;
  const second = await start();
  const failed = await second.cluster.query('load');
  const failing = (async () => {
    for await (const _ of failed) throw new Error('nobody answered');
  })();
  second.host.tell({ type: 'died', message: 'boom', stack: undefined });
  await expect(failing).rejects.toMatchObject({ code: 'ENGINE_DIED' });
  await expect(failed.finished).rejects.toMatchObject({ code: 'ENGINE_DIED' });
  expect(host.stopped).toBe(true);
});

test('a responder answers queries of its name; undefined gives no answer', async () => {
  const { cluster, host } = await start();
  await turn();
  cluster.onQuery('load', async ({ payload }) => `load${new TextDecoder().decode(payload)}`);
  cluster.onQuery('silent', () => undefined);
  host.sent.length = 0;

  host.tell(told(asked('load', 9)), told(asked('silent', 10)), told(asked('other', 11)));
  await turn();

  expect(host.sent).toMatchObject([{ type: 'respond', query: 9, payload: bytes('load?') }]);
  expect(() => cluster.onQuery('load', () => '2')).toThrow(/'load' has a responder already/);
  cluster.offQuery('load');
  host.tell(told(asked('load', 12)));
  await turn();
  expect(host.sent).toHaveLength(1);
});

test('a responder that throws, or whose answer is refused, is logged; the asker gets nothing', async () => {
  const { cluster, host } = await start();
  await turn();
  const lines: string[] = [];
  cluster.on('log', ({ level, text }) => lines.push(`${level} ${text.split('\n', 1)[0]}`));
  cluster.onQuery('bro\nken', () => {
    throw new Error('no');
  });
  cluster.onQuery('large', () => new Uint8Array(5));
  host.answers = false;

  host.tell(told(asked('bro\nken')), told(asked('large')));
  await turn();
  const message = 'response exceeds limit of 1048576 bytes';
  host.done(host.last.request, { type: 'error', message });
  await turn();

  expect(lines).toEqual([
    "ERR cluster: the responder for 'bro\\nken' threw: Error: no",
    `WARN cluster: Failed to respond to query 'large': ${message}`,
  ]);
});

test('responders that never end are bounded, what they leave unanswered is counted, and others answer', async () => {
  const { cluster, host } = await start();
  await turn();
  const lines: string[] = [];
  cluster.on('log', ({ level, text }) => lines.push(`${level} ${text}`));
  cluster.onQuery('hang', () => new Promise(() => undefined));
  cluster.onQuery('load', () => 'low');

  for (let index = 0; index < 1_100; index += 1) host.tell(told(asked('hang', index)));
  host.answers = false;
  const stats = cluster.stats();
  host.done(host.last.request, { type: 'stats', stats: {} });

  expect(await stats).toMatchObject({ unanswered_queries: '76' });
  expect(lines).toEqual([
    expect.stringMatching(/^WARN cluster: 1024 queries 'hang' are being answered/),
  ]);

  host.tell(told(asked('load', 2_000)));
  await turn();
  expect(host.last).toMatchObject({ type: 'respond', query: 2_000 });
});

test('a received query can be answered by itself or by its number', async () => {
  const { cluster, host } = await start();
  await turn();
  cluster.on('query', (query) => query.respond('yes'));

  host.tell(told(asked('load', 9)));
  await turn();
  await cluster.respond(12, Uint8Array.of(1));

  expect(host.sent.slice(-2)).toMatchObject([
    { type: 'respond', query: 9, payload: bytes('yes') },
    { type: 'respond', query: 12, payload: Uint8Array.of(1) },
  ]);
});

test('keys are changed by their bytes or base64, and not all members are not enough', async () => {
  const { cluster, host } = await start();
  host.answers = false;
  const report = (numResponses: number, errors: Record<string, string> = {}): EngineResult => ({
    type: 'keys',
    report: {
      numNodes: 3,
      numResponses,
      numErrors: Object.keys(errors).length,
      messages: new Map(Object.entries(errors)),
      keys: new Map(),
      primaryKeys: new Map(),
    },
  });
  const key = new Uint8Array(16).fill(1);

  const installing = cluster.installKey('AQEBAQEBAQEBAQEBAQEBAQ==');
  expect(host.last).toMatchObject({ type: 'keys', operation: 'install', key });
  host.done(host.last.request, report(3));
  expect(await installing).toMatchObject({ numNodes: 3, numErrors: 0 });

  const using = cluster.useKey(key);
  expect(host.last).toMatchObject({ operation: 'use', key });
  host.done(host.last.request, report(2));
  await expect(using).rejects.toMatchObject({
    code: 'KEYS_FAILED',
    message: '2/3 nodes reported success',
    report: { numResponses: 2 },
  });

  const removing = cluster.removeKey(key);
  host.done(host.last.request, report(3, { b: 'removing the primary key is not allowed' }));
  const failure = await removing.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(KeysError);
  expect(failure).toMatchObject({
    message: '1/3 nodes reported failure\n\t* b: removing the primary key is not allowed',
  });

  const listing = cluster.listKeys();
  expect(host.last).toMatchObject({ operation: 'list', key: undefined });
  host.done(host.last.request, report(3));
  await listing;
  await expect(cluster.installKey('bad!')).rejects.toMatchObject({
    code: 'BAD_KEY',
    message: 'illegal base64 data at input byte 3',
  });
});
