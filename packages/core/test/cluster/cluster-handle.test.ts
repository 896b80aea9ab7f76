import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';
import { ClusterError, JoinError, KeysError } from '../../src/cluster/cluster-error.js';
import type { EngineHost, HostListener } from '../../src/engine/host.js';
import type {
  EngineCommand,
  EngineNotice,
  EngineResult,
  QueryNotice,
} from '../../src/engine/protocol.js';
import type { UserEvent } from '../../src/serf/event.js';
import type { MemberEvent, MemberStatus, SerfMember } from '../../src/serf/member.js';

/** An engine that does what the test says. */
class FakeHost implements EngineHost {
  readonly sent: EngineCommand[] = [];
  readonly listener: HostListener;
  answers = true;
  stopped = false;

  constructor(listener: HostListener) {
    this.listener = listener;
  }

  send(command: EngineCommand): void {
    this.sent.push(command);
    if (!this.answers) return;
    if (command.type === 'start') this.tell(...startNotices);
    else if (command.type === 'join') this.done(command.request, nobody);
    else if (command.type !== 'received') this.done(command.request, { type: 'ok' });
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  tell(...notices: EngineNotice[]): void {
    this.listener.notices(notices);
  }

  done(request: number, result: EngineResult): void {
    this.tell({ type: 'done', request, result });
  }

  get last(): EngineCommand & { request: number } {
    const command = this.sent.at(-1);
    if (command === undefined || !('request' in command)) throw new Error('nothing was asked');
    return command;
  }
}

const nobody: EngineResult = { type: 'joined', contacted: 0, errors: ['failed to join x: y'] };
const hosts: FakeHost[] = [];
let startNotices: EngineNotice[] = [];

vi.mock('../../src/engine/host.js', () => {
  const make = (listener: HostListener) => {
    const host = new FakeHost(listener);
    hosts.push(host);
    return host;
  };
  return { workerHost: make, inlineHost: make };
});

function member(name: string, status: MemberStatus = 'alive'): SerfMember {
  const versions = {
    protocolMin: 1,
    protocolMax: 5,
    protocolCurrent: 2,
    delegateMin: 2,
    delegateMax: 5,
    delegateCurrent: 5,
  };
  const endpoint = { host: '10.0.0.1', port: 1 };
  const address = Uint8Array.of(10, 0, 0, 1);
  return { name, address, port: 1, endpoint, tags: {}, status, versions };
}

const joined = (name: string): MemberEvent => ({ type: 'member-join', members: [member(name)] });
const told = (event: Extract<EngineNotice, { type: 'event' }>['event']): EngineNotice => ({
  type: 'event',
  event,
});
const bytes = (text: string) => new TextEncoder().encode(text);
const deployed: UserEvent = {
  type: 'user',
  ltime: 4,
  name: 'deploy',
  payload: bytes('v1'),
  coalesce: false,
};
const asked = (name: string, query = 9): QueryNotice => ({
  type: 'query',
  query,
  ltime: 5,
  id: 77,
  name,
  payload: bytes('?'),
  from: 'a',
  deadline: 1_700_000_000_000,
});

beforeEach(() => {
  hosts.length = 0;
  startNotices = [
    told(joined('me')),
    { type: 'started', local: member('me'), bind: { host: '127.0.0.1', port: 7 } },
  ];
});
afterEach(async () => {
  for (const host of hosts) host.answers = true;
  vi.useRealTimers();
});

async function start(): Promise<{ cluster: Cluster; host: FakeHost }> {
  const cluster = await Cluster.start({ node: 'me' });
  const host = hosts[0];
  if (host === undefined) throw new Error('no engine was started');
  return { cluster, host };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a listener added right after the start hears this node’s own join', async () => {
  const { cluster } = await start();
  const heard: MemberEvent[] = [];
  cluster.on('member-join', (event) => heard.push(event));

  await turn();

  expect(heard).toEqual([joined('me')]);
});

test('an event is heard under its type and as event, until the listener goes', async () => {
  const { cluster, host } = await start();
  const heard: string[] = [];
  const onJoin = () => heard.push('member-join');
  cluster.on('member-join', onJoin).on('event', () => heard.push('event'));
  await turn();
  heard.length = 0;

  host.tell(told(joined('a')));
  cluster.off('member-join', onJoin);
  host.tell(told(joined('b')));

  expect(heard).toEqual(['member-join', 'event', 'event']);
});

test('members are a mirror, and the same array until something changes', async () => {
  const { cluster, host } = await start();

  host.tell({ type: 'memberChanged', member: member('a') });
  const first = cluster.members;
  expect(first.map(({ name }) => name)).toEqual(['me', 'a']);
  expect(cluster.members).toBe(first);
  host.tell({ type: 'memberChanged', member: member('a', 'failed') });
  host.tell({ type: 'memberChanged', member: { ...member('me'), tags: { role: 'web' } } });

  expect(cluster.member('a')?.status).toBe('failed');
  expect(cluster.local.tags).toEqual({ role: 'web' });
  host.tell({ type: 'memberForgotten', name: 'a' });
  expect(cluster.members.map(({ name }) => name)).toEqual(['me']);
  expect(first).toHaveLength(2);
});

test('a listener that throws or rejects is logged by type, and the others still hear', async () => {
  const { cluster, host } = await start();
  const lines: string[] = [];
  let heard = 0;
  cluster.on('log', ({ level, text }) => lines.push(`${level} ${text.split('\n', 1)[0]}`));
  cluster.on('member-join', () => {
    throw new Error('broken');
  });
  cluster.on('member-join', () => Promise.reject(new Error('broken later')));
  cluster.on('member-join', () => {
    heard += 1;
  });

  await turn();
  host.tell(told(joined('a')));
  await turn();

  expect(heard).toBe(2);
  expect(new Set(lines)).toEqual(
    new Set([
      "ERR cluster: a listener for 'member-join' threw: Error: broken",
      "ERR cluster: a listener for 'member-join' threw: Error: broken later",
    ]),
  );
});

test('a log listener that throws becomes a warning of the process, not a circle', async () => {
  const { cluster, host } = await start();
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  cluster.on('log', () => {
    throw new Error('broken');
  });

  host.tell({ type: 'log', level: 'INFO', text: 'x' });
  await turn();

  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});

test('a join that reached nobody lists every address as Serf does', async () => {
  const { cluster, host } = await start();
  host.answers = false;

  const joining = cluster.join(['a', 'b']);
  const errors = ['failed to join a: x', 'failed to resolve b: y'];
  host.done(host.last.request, { type: 'joined', contacted: 0, errors });

  const error = await joining.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(JoinError);
  expect(error).toMatchObject({
    code: 'JOIN_FAILED',
    errors,
    message: '2 errors occurred:\n\t* failed to join a: x\n\t* failed to resolve b: y\n\n',
  });
});

test('a join that reached somebody forgets the others; an empty one reaches nobody and is no error', async () => {
  const { cluster, host } = await start();
  host.answers = false;

  const joining = cluster.join(['a', 'b']);
  host.done(host.last.request, { type: 'joined', contacted: 1, errors: ['failed to join a: x'] });
  const empty = cluster.join([]);
  host.done(host.last.request, { type: 'joined', contacted: 0, errors: [] });

  expect(await joining).toBe(1);
  expect(await empty).toBe(0);
});

test('what the node refuses is an error with its words', async () => {
  const { cluster, host } = await start();
  host.answers = false;

  const setting = cluster.setTags({ a: 'x' });
  const message = 'Encoded length of tags exceeds limit of 512 bytes';
  host.done(host.last.request, { type: 'error', message });

  await expect(setting).rejects.toMatchObject({ code: 'REFUSED', message });
});

test('leave is asked for once, however often it is called', async () => {
  const { cluster, host } = await start();

  await Promise.all([cluster.leave(), cluster.leave()]);
  await cluster.leave();

  expect(host.sent.filter(({ type }) => type === 'leave')).toHaveLength(1);
});

test('shutdown is done once, settles closed and ends everything', async () => {
  const { cluster, host } = await start();
  const stream = cluster.events();

  await Promise.all([cluster.shutdown(), cluster.shutdown()]);

  expect(host.sent.filter(({ type }) => type === 'shutdown')).toHaveLength(1);
  expect(host.stopped).toBe(true);
  await cluster.closed;
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  await expect(cluster.join(['a'])).rejects.toMatchObject({ code: 'SHUT_DOWN' });
  await expect(cluster.stats()).rejects.toBeInstanceOf(ClusterError);
});

test('an engine that does not answer the shutdown is stopped all the same', async () => {
  const { cluster, host } = await start();
  host.answers = false;
  vi.useFakeTimers();

  const down = cluster.shutdown();
  await vi.advanceTimersByTimeAsync(2_000);
  await down;

  expect(host.stopped).toBe(true);
});

test('an engine that dies tells everybody who waits, with its cause, and nobody else', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const { cluster, host } = await start();
  const lines: string[] = [];
  cluster.on('log', ({ level, text }) => lines.push(`${level} ${text}`));
  host.answers = false;
  await turn();
  const stream = cluster.events();
  const next = stream.next();
  const asked = cluster.stats();
  await turn();

  host.listener.ended(new Error('out of memory'));

  const death = { code: 'ENGINE_DIED', message: 'the engine stopped: out of memory' };
  await expect(asked).rejects.toMatchObject(death);
  await expect(next).rejects.toMatchObject(death);
  await expect(cluster.closed).rejects.toMatchObject({
    ...death,
    cause: { message: 'out of memory' },
  });
  await expect(cluster.leave()).rejects.toMatchObject(death);
  expect(lines).toEqual(['ERR serf: the engine stopped: out of memory']);
  await cluster.shutdown();
  await turn();
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
});

test('a death that nobody looks at ends no process', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const { host } = await start();

  host.tell({ type: 'died', message: 'a state that cannot be', stack: 'Error: …\n at x' });
  host.listener.ended(undefined);
  await turn();
  await turn();

  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
});

test('a start that fails rejects with its code, and stops the thread', async () => {
  startNotices = [{ type: 'startFailed', code: 'ADDRESS_IN_USE', message: 'in use' }];

  await expect(Cluster.start({ node: 'me' })).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    message: 'in use',
  });
  expect(hosts[0]?.stopped).toBe(true);
});

test('a start whose join reaches nobody shuts the node down again', async () => {
  const starting = Cluster.start({ node: 'me', join: ['x'] });

  await expect(starting).rejects.toBeInstanceOf(JoinError);
  expect(hosts[0]?.sent.map(({ type }) => type)).toEqual(['start', 'join', 'shutdown']);
  expect(hosts[0]?.stopped).toBe(true);
});

test('await using leaves first, and goes without when that takes too long', async () => {
  const { cluster, host } = await start();
  const { cluster: stuck, host: silent } = await Cluster.start({ node: 'me' }).then((cluster) => ({
    cluster,
    host: hosts[1] as FakeHost,
  }));
  silent.answers = false;

  await cluster[Symbol.asyncDispose]();
  expect(host.sent.map(({ type }) => type)).toEqual(['start', 'leave', 'shutdown']);

  vi.useFakeTimers();
  const disposed = stuck[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(7_000);
  await disposed;
  expect(silent.stopped).toBe(true);
});

test('for await reads events until the shutdown', async () => {
  const { cluster, host } = await start();
  await turn();
  const names: (string | undefined)[] = [];

  const reading = (async () => {
    for await (const event of cluster) {
      names.push('members' in event ? event.members[0]?.name : event.name);
    }
  })();
  host.tell(told(joined('a')), told(deployed), told(joined('b')));
  await turn();
  await cluster.shutdown();
  await reading;

  expect(names).toEqual(['a', 'deploy', 'b']);
});

test('events before the start count against a bound, and what was dropped is in the stats', async () => {
  startNotices = [
    ...Array.from({ length: 20_000 }, (_, index) => told(joined(`m${index}`))),
    ...startNotices,
  ];
  const { cluster, host } = await start();
  let heard = 0;
  cluster.on('event', () => {
    heard += 1;
  });
  await turn();
  host.answers = false;

  const asking = cluster.stats();
  host.done(host.last.request, { type: 'stats', stats: { members: '1' } });

  expect(heard).toBe(16_384);
  expect(await asking).toMatchObject({ members: '1', dropped_deliveries: '3617' });
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
  await cluster.event('empty');

  const event = { type: 'userEvent', name: 'deploy' };
  expect(host.sent.slice(1)).toMatchObject([
    { ...event, payload: bytes('v1 ü'), coalesce: false },
    { ...event, payload: Uint8Array.of(0, 255, 10), coalesce: true },
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

test('responders that never end are bounded, and what they leave unanswered is counted', async () => {
  const { cluster, host } = await start();
  await turn();
  const lines: string[] = [];
  cluster.on('log', ({ level, text }) => lines.push(`${level} ${text}`));
  cluster.onQuery('hang', () => new Promise(() => undefined));

  for (let index = 0; index < 1_100; index += 1) host.tell(told(asked('hang', index)));
  host.answers = false;
  const stats = cluster.stats();
  host.done(host.last.request, { type: 'stats', stats: {} });

  expect(await stats).toMatchObject({ unanswered_queries: '76' });
  expect(lines).toEqual([expect.stringMatching(/^WARN cluster: 1024 queries are being answered/)]);
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

test('a node that lost its name shuts down, and says why to whoever looks or asks', async () => {
  const { cluster, host } = await start();
  const lost = { code: 'NAME_CONFLICT', message: /another member is called 'me'/ };

  host.tell({ type: 'conflictLost' });

  await expect(cluster.join(['a'])).rejects.toMatchObject({ code: 'NAME_CONFLICT' });
  await expect(cluster.closed).rejects.toMatchObject({ code: lost.code });
  await expect(cluster.closed).rejects.toThrow(lost.message);
  expect(host.stopped).toBe(true);
  expect(host.sent.at(-1)).toEqual({ type: 'shutdown', request: 0 });
  await cluster.shutdown();
});
