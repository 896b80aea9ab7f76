import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';
import { ClusterError, JoinError } from '../../src/cluster/cluster-error.js';
import type { MemberEvent } from '../../src/serf/member.js';
import {
  deployed,
  type FakeHost,
  freshEngines,
  hosts,
  joined,
  member,
  startNotices,
  startWith,
  told,
  turn,
} from './fake-engine.js';
import { start } from './started-handle.js';

vi.mock('../../src/engine/host.js', async () => (await import('./fake-engine.js')).fakeHosts);

beforeEach(freshEngines);
afterEach(() => {
  for (const host of hosts) host.answers = true;
  vi.useRealTimers();
});

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
  startWith({ type: 'startFailed', code: 'ADDRESS_IN_USE', message: 'in use' });

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
  startWith(
    ...Array.from({ length: 20_000 }, (_, index) => told(joined(`m${index}`))),
    ...startNotices,
  );
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
