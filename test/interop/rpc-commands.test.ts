import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, test } from 'vitest';
import { serfUnderTest } from '../harness/agents.ts';
import { endAll } from '../harness/processes.ts';
import { client, expectSameAnswers, type Session, type Setting } from '../harness/same-answers.ts';
import { WireClient } from '../harness/wire-client.ts';
import { encodeWire } from '../harness/wire-values.ts';

const serf = serfUnderTest();
const same = (setting: Setting, session: Session) => expectSameAnswers(serf, setting, session);
const bytes = (text: string) => Buffer.from(text);

afterEach(endAll);

describe('the way in', () => {
  test('handshakes: again, of another version, of none, and none at all', () =>
    same({}, async (agent) => {
      const first = await WireClient.connect(agent.rpc);
      const other = await WireClient.connect(agent.rpc);
      return [
        await first.ask('handshake', 1, { Version: 2 }, 1),
        await first.ask('handshake', 2, {}, 1),
        await first.ask('handshake', 3, { Version: null }, 1),
        await first.ask('handshake', 4, { version: 1 }, 1),
        await first.ask('handshake', 5, { Version: 1 }, 1),
        await first.ask('handshake', 6, { Version: 1 }, 1),
        await first.ask('handshake', 7, { Version: 3 }, 1),
        await first.ask('auth', 8, { AuthKey: '' }, 1),
        await first.ask('auth', 9, { AuthKey: 'some' }, 1),
        await first.ask('stop', 10, {}, 1),
        await other.ask('members', 7, undefined, 2),
      ];
    }));

  test('an auth key: before it, wrong, right, and wrong again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tserf-auth-'));
    const file = join(folder, 'agent.json');
    await writeFile(file, JSON.stringify({ rpc_auth: 's3cret' }));
    await same({ flags: [`-config-file=${file}`] }, async (agent) => {
      const first = await client(agent);
      const other = await client(agent);
      return [
        await first.ask('members', 1, undefined, 1),
        await first.ask('nope', 2, undefined, 1),
        await first.ask('auth', 3, { AuthKey: 'wrong' }, 1),
        await first.ask('auth', 4, { AuthKey: 's3cret' }, 1),
        await first.ask('auth', 5, { AuthKey: 'wrong' }, 1),
        await first.ask('stop', 6, {}, 1),
        await other.ask('auth', 1, {}, 1),
        await other.ask('list-keys', 2, undefined, 1),
      ];
    });
    await rm(folder, { recursive: true });
  });

  test('every Seq comes back as it is', () =>
    same({}, async (agent) => {
      const one = await client(agent);
      const numbers = [
        0,
        127,
        128,
        255,
        256,
        65_536,
        2 ** 32,
        2n ** 53n,
        2n ** 63n + 5n,
        2n ** 64n - 1n,
      ];
      const heard = [];
      for (const number of numbers) heard.push(await one.ask('stop', number, {}, 1));
      return heard;
    }));

  test('an unknown command', () =>
    same({}, async (agent) => (await client(agent)).ask('nope', 5, undefined, 2)));
});

describe('members', () => {
  test('all of them, and those that match', () =>
    same({ tags: { role: 'web' } }, async (agent) => {
      const one = await client(agent);
      const filters = [
        {},
        { Tags: null, Status: '', Name: '' },
        { Tags: { role: 'w.*' }, Status: 'alive', Name: 'alpha' },
        { Tags: { role: '' }, Status: '', Name: '' },
        { Tags: { nosuch: '' }, Status: '', Name: '' },
        { Tags: { role: 'web', nosuch: 'x' }, Status: '', Name: '' },
        { Tags: {}, Status: 'failed', Name: '' },
        { Tags: {}, Status: '*', Name: 'x|pha' },
        { Tags: {}, Status: '(?i)ALIVE', Name: '[[:alpha:]]+' },
      ];
      const heard = [await one.ask('members', 1, undefined, 2)];
      for (const filter of filters) heard.push(await one.ask('members-filtered', 2, filter, 2));
      return heard;
    }));

  test('joins: of nobody, of who is not there, of names that are none', () =>
    same({}, async (agent) => {
      const one = await client(agent);
      const heard = [];
      for (const addresses of [
        [],
        ['127.0.0.1:1'],
        ['127.0.0.1:1', '127.0.0.1:2'],
        ['127.0.0.1:99999'],
        ['/127.0.0.1:1'],
        ['127.0.0.1:1', agent.gossip],
      ]) {
        heard.push(await one.ask('join', 1, { Existing: addresses, Replay: false }, 2));
      }
      return heard;
    }));

  test('forced leaves of who is not there, and of oneself', () =>
    same({}, async (agent) => {
      const one = await client(agent);
      return [
        await one.ask('force-leave', 1, { Node: 'gone', Prune: false }, 1),
        await one.ask('force-leave', 2, { Node: 'gone', Prune: true }, 1),
        await one.ask('force-leave', 3, {}, 1),
        await one.ask('force-leave', 4, { Node: 'alpha' }, 1),
        await one.ask('members', 5, undefined, 2),
      ];
    }));

  test('tags: set, deleted, both, neither, and too long', () =>
    same({ tags: { role: 'web', old: 'x' } }, async (agent) => {
      const one = await client(agent);
      const heard = [];
      for (const change of [
        { Tags: { role: 'db', zone: '1' }, DeleteTags: ['old', 'absent'] },
        { Tags: { zone: '2' }, DeleteTags: ['zone'] },
        { Tags: null, DeleteTags: ['zone'] },
        {},
        { Tags: { long: 'x'.repeat(600) }, DeleteTags: ['role'] },
      ]) {
        heard.push(await one.ask('tags', 1, change, 1), await one.ask('members', 2, undefined, 2));
      }
      return heard;
    }));

  test('a leave is answered, and then everybody is hung up on', () =>
    same({}, async (agent) => {
      const one = await client(agent);
      const other = await client(agent);
      const heard = [await one.ask('leave', 9, undefined, 2), await other.take(1)];
      return [...heard, await agent.process.exited];
    }));
});

test('user events: with and without a payload, and too large', () =>
  same({}, async (agent) => {
    const one = await client(agent);
    const heard = [];
    for (const event of [
      { Name: 'deploy', Payload: bytes('abc'), Coalesce: true },
      { Name: 'deploy', Payload: null, Coalesce: false },
      { Name: 'deploy', Payload: new Uint8Array(0) },
      { Name: 'text', Payload: 'as text' },
      { Name: 'numbers', Payload: [1, 2, 3] },
      {},
      { Name: 'deploy', Payload: new Uint8Array(476) },
      { Name: 'deploy', Payload: new Uint8Array(477) },
      { Name: 'deploy', Payload: new Uint8Array(507) },
      { Name: 'x'.repeat(600), Payload: null },
    ]) {
      heard.push(await one.ask('event', 1, event, 1));
    }
    return heard;
  }));

test('coordinates of this node and of one that is not there', () =>
  same({}, async (agent) => {
    const one = await client(agent);
    return [
      await one.ask('get-coordinate', 1, { Node: 'alpha' }, 2),
      await one.ask('get-coordinate', 2, { Node: 'zz' }, 2),
      await one.ask('get-coordinate', 3, {}, 2),
    ];
  }));

test('stats have at least the same sections and keys', () =>
  same({ tags: { role: 'web' } }, async (agent) => {
    const [header, body] = await (await client(agent)).ask('stats', 1, undefined, 2);
    const { runtime, serf: counters, ...rest } = body as Record<string, Record<string, string>>;
    const known = (key: string) =>
      /^(members|failed|left|.*_(score|time|queue|resets)|encrypted)$/.test(key);
    const shared = Object.entries(counters ?? {}).filter(([key]) => known(key));
    return [header, rest, Object.keys(runtime ?? {}).sort(), Object.fromEntries(shared)];
  }));

describe('malformed input', () => {
  const header = (seq: unknown) => ({ Command: 'members', Seq: seq }) as never;
  const hex = (value: never) => Buffer.from(encodeWire(value)).toString('hex');
  const request = (command: string) => hex({ Command: command, Seq: 1 } as never);
  const wrong: readonly (readonly [what: string, bytes: string])[] = [
    ['no msgpack', 'c1'],
    ['an HTTP request', bytes('GET / HTTP/1.1\r\n\r\n').toString('hex')],
    ['text for a header', 'a161'],
    ['an integer as a key', '8101a161'],
    ['text for Seq', hex(header('1'))],
    ['a negative Seq', hex(header(-1))],
    ['a float for Seq', `${hex(header(0)).slice(0, -2)}ca3f800000`],
    ['a body that is text', `${request('join')}a161`],
    ['a body that is a number', `${request('join')}07`],
    ['a number for Name', request('event') + hex({ Name: 7 } as never)],
    ['300 for RelayFactor', request('query') + hex({ RelayFactor: 300 } as never)],
    ['2 for Coalesce', request('event') + hex({ Coalesce: 2 } as never)],
    ['text for ID', request('respond') + hex({ ID: '1' } as never)],
    ['an extension for Name', `${request('event')}81${hex('Name' as never)}d40001`],
  ];
  test('that Serf hangs up on, and the next client is served', () =>
    same({}, async (agent) => {
      const heard = [];
      for (const [what, malformed] of wrong) {
        const one = await client(agent);
        one.sendBytes(malformed);
        heard.push([what, await one.take(1), await (await client(agent)).ask('stop', 1, {}, 1)]);
      }
      return heard;
    }));

  const odd: readonly (readonly [what: string, bytes: string, answers: number])[] = [
    ['a nil body', `${request('event')}c0`, 1],
    ['an array body', `${request('event')}93a178c0c3`, 1],
    ['an array header', `92${hex('event' as never)}0780`, 1],
    ['an array header that is too long', `93${hex('event' as never)}07a17880`, 1],
    ['an array header that is too short', `91${hex('event' as never)}80`, 1],
    ['unknown keys', `${request('event')}${hex({ Y: [{ x: 1 }], Name: 'z' } as never)}`, 1],
    [
      'a key twice',
      `${request('event')}82${hex('Name' as never)}a161${hex('Name' as never)}a162`,
      1,
    ],
    [
      'a header without Seq',
      `${request('event')}8081${hex('Command' as never)}${hex('stop' as never)}80`,
      2,
    ],
    ['a header without Command', `${request('members')}81${hex('Seq' as never)}07`, 4],
    ['an empty header', `${request('members')}80`, 4],
    ['a nil header', `${request('stop')}80c0`, 3],
    ['nil for Seq', `${request('members')}${hex(header(null))}`, 4],
    ['a body where there is none', `${request('members')}81a158a179`, 4],
    ['1 for Coalesce', request('event') + hex({ Coalesce: 1 } as never), 1],
    [
      'a wide integer for RelayFactor',
      `${request('query')}81${hex('RelayFactor' as never)}cf0000000000000001`,
      1,
    ],
  ];
  test('that Serf takes', () =>
    same({}, async (agent) => {
      const heard = [];
      for (const [what, taken, answers] of odd) {
        const one = await client(agent);
        one.sendBytes(taken);
        heard.push([what, await one.take(answers)]);
      }
      return heard;
    }));
});
