import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@tserf/client';
import { afterEach, describe, expect, test } from 'vitest';
import { Agent, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { endAll } from '../harness/processes.ts';
import { client, expectSameAnswers, type Session, type Setting } from '../harness/same-answers.ts';
import type { Heard, WireClient } from '../harness/wire-client.ts';

const serf = serfUnderTest();
const same = (setting: Setting, session: Session) => expectSameAnswers(serf, setting, session);
const bytes = (text: string) => Buffer.from(text);

/** Nodes answer in any order; headers say nothing that differs. */
const sorted = (heard: readonly Heard[]) =>
  heard.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** Serf now and then ends a query with records that nobody sent (spec/05 §9.2), which ours does not. */
const hasSender = (record: Heard) => (record as { readonly From?: string }).From !== '';

/** Has the agent answer every query of that name. */
async function answer(agent: Agent, name: string, text: string): Promise<void> {
  const node = await Client.connect({ address: agent.rpc });
  const queries = await node.stream(`query:${name}`);
  void (async () => {
    for await (const event of queries) {
      if (event.type === 'query') await node.respond(event.id, text);
    }
  })().catch(() => {
    // The agent ended.
  });
}

afterEach(endAll);

describe('streams', () => {
  test('are refused for their filter, and for their number', () =>
    same({}, async (agent) => {
      const one = await client(agent);
      const heard = [];
      for (const type of ['user, query', 'bogus', 'user,', 'User', 'member-join:x', '*:x', ' ']) {
        heard.push(await one.ask('stream', 1, { Type: type }, 1));
      }
      for (const type of ['member-join,user:,query:x', '', '*', null]) {
        heard.push(await one.ask('stream', 2, { Type: type }, 1));
      }
      return heard;
    }));

  test('by their filters: which events come, and how they look', () =>
    same({}, async (agent) => {
      const types = [
        '*',
        'user',
        'user:deploy',
        'query',
        'query:load',
        'user:,query:',
        'user:x,query:y',
      ];
      const listeners = await Promise.all(types.map(() => client(agent)));
      const other = await client(agent);
      const all = <T>(work: (listener: WireClient, type: string) => Promise<T>) =>
        Promise.all(listeners.map((listener, index) => work(listener, types[index] ?? '')));

      const heard: Heard[] = await all((listener, type) =>
        listener.ask('stream', 50, { Type: type }, 1),
      );
      // The agent's own join comes when it has been gathered with others.
      await sleep(1_500);
      heard.push(await all((listener) => listener.takeUntilQuiet(100)));
      const event = { Payload: bytes('abc'), Coalesce: false };
      for (const name of ['deploy', 'other', '']) {
        heard.push(await other.ask('event', 1, { Name: name, ...event }, 1));
      }
      heard.push(await other.ask('event', 2, { Name: 'deploy', Payload: null }, 1));
      const question = { Timeout: 500_000_000, Payload: bytes('15m') };
      for (const name of ['load', 'other', '_serf_ping']) {
        const payload = name === '_serf_ping' ? null : question.Payload;
        heard.push(await other.ask('query', 3, { ...question, Name: name, Payload: payload }, 1));
      }
      heard.push(await all((listener) => listener.takeUntilQuiet(1_000)));
      heard.push(await all((listener) => listener.ask('stop', 60, { Stop: 50 }, 1)));
      heard.push(await other.ask('event', 4, { Name: 'deploy', ...event }, 1));
      heard.push(await all((listener) => listener.takeUntilQuiet(300)));
      return heard;
    }));

  test('tell of coalesced events once, and of updates', () =>
    same({ withPeer: true }, async (agent) => {
      const listener = await client(agent);
      const other = await client(agent);
      await sleep(2_000);
      const heard = [await listener.ask('stream', 1, { Type: '*' }, 1)];
      await listener.takeUntilQuiet(200);
      for (const payload of ['one', 'two']) {
        heard.push(
          await other.ask('event', 1, { Name: 'e', Payload: bytes(payload), Coalesce: true }, 1),
        );
      }
      heard.push(await other.ask('tags', 2, { Tags: { role: 'db' } }, 1));
      const records = await listener.take(4, 6_000);
      return [...heard, sorted(records)];
    }));
});

describe('queries', () => {
  const ask = (fields: object) => ({ Timeout: 700_000_000, Name: 'load', ...fields });

  test('what comes back: acks, answers, the end', () =>
    same({ withPeer: true }, async (agent, peer) => {
      await Promise.all([answer(agent, 'load', '1.02'), answer(peer, 'load', '0.50')]);
      const one = await client(agent);
      const heard = [];
      for (const fields of [
        { RequestAck: true },
        { RequestAck: false },
        { RequestAck: true, FilterNodes: ['beta'] },
        { RequestAck: true, FilterNodes: ['nobody'] },
        { RequestAck: true, FilterTags: { role: '^$' } },
        { RequestAck: true, FilterTags: { role: 'x' } },
        { RequestAck: true, FilterTags: { role: '(' } },
        { RequestAck: true, RelayFactor: 1 },
        { RequestAck: true, Name: 'unheard' },
        { RequestAck: false, Timeout: -1 },
      ]) {
        one.request('query', 30, ask(fields));
        const [answer, ...rest] = await one.takeUntilQuiet(1_200);
        const records = rest.filter((_, index) => index % 2 === 1);
        heard.push([answer, sorted(records.filter(hasSender)), records.at(-1)]);
      }
      return heard;
    }));

  test('are refused for their name and for their size', () =>
    same({}, async (agent) => {
      const one = await client(agent);
      const heard = [];
      for (const fields of [
        { Name: '_serf_x' },
        { Name: '_serf_' },
        { Name: '_serf_ping', Payload: bytes('x') },
        { Payload: new Uint8Array(2_000) },
        { Name: 'x'.repeat(1_100) },
      ]) {
        heard.push(await one.ask('query', 31, ask(fields), 1));
      }
      return heard;
    }));

  test('are answered over RPC: once, by the number that this connection knows, and in time', () =>
    same({}, async (agent) => {
      const asker = await client(agent);
      const node = await client(agent);
      const stranger = await client(agent);
      const heard = [
        await node.ask('stream', 1, { Type: 'query:ask' }, 1),
        await node.ask('stream', 2, { Type: 'query' }, 1),
      ];
      asker.request('query', 1, ask({ Name: 'ask', Payload: bytes('hi') }));
      const records = await node.take(4);
      // Which stream is told first is left open; the numbers are 1 and 2 in any case.
      heard.push(sorted(records.map((one) => JSON.stringify(one).replace(/"Seq":\d/, ''))));
      const respond = (id: number | bigint, payload: Uint8Array | null) =>
        node.ask('respond', 3, { ID: id, Payload: payload }, 1);
      heard.push(
        await stranger.ask('respond', 1, { ID: 1, Payload: bytes('x') }, 1),
        await respond(99, bytes('x')),
        await respond(0, null),
        await respond(2n ** 64n - 1n, null),
        await respond(1, bytes('my response')),
        await respond(1, bytes('again')),
        await respond(2, bytes('again')),
        await asker.takeUntilQuiet(1_000),
        await respond(1, bytes('late')),
        await respond(2, bytes('late')),
      );
      return heard;
    }));

  test.each([
    ['none', null],
    ['bytes', new Uint8Array([0, 255])],
  ])('an answer whose payload is %s', (_what, payload) =>
    same({ withPeer: true }, async (agent) => {
      const asker = await client(agent);
      const node = await client(agent);
      const heard = [await node.ask('stream', 1, { Type: 'query' }, 1)];
      asker.request('query', 1, ask({ Name: 'ask', Payload: payload }));
      heard.push(await node.take(2), await node.ask('respond', 3, { ID: 1, Payload: payload }, 1));
      return [...heard, await asker.takeUntilQuiet(1_000)];
    }),
  );
});

describe('an empty payload and none', () => {
  const empty = new Uint8Array();
  const payloads = [null, empty, ''];

  /** Shows an empty payload as none where the Serf under test takes it for that: 0.9.4 does (spec/05 §17). */
  async function asSerfTells(): Promise<(heard: unknown) => unknown> {
    const judge = await client(await Agent.start(serf, { node: 'judge' }));
    const [answer] = await judge.ask('query', 1, { Name: '_serf_ping', Payload: empty }, 1);
    const isTakenForNone = (answer as { readonly Error: string }).Error === '';
    return (heard) =>
      isTakenForNone ? JSON.parse(JSON.stringify(heard).replaceAll('"c4 "', 'null')) : heard;
  }

  test('stay apart in events, in queries and in answers, here and on another node', async () => {
    const shown = await asSerfTells();
    await same({ withPeer: true }, async (agent, peer) => {
      const asker = await client(agent);
      const listeners = [await client(agent), await client(peer)];
      const all = <T>(work: (listener: WireClient) => Promise<T>) =>
        Promise.all(listeners.map(work));
      const heard: Heard[] = [
        await all((listener) => listener.ask('stream', 1, { Type: 'user,query' }, 1)),
      ];
      for (const payload of [...payloads, undefined]) {
        const sent = payload === undefined ? {} : { Payload: payload };
        heard.push(await asker.ask('event', 2, { Name: 'e', Coalesce: false, ...sent }, 1));
        heard.push(await all((listener) => listener.take(2)));
      }
      for (const [index, payload] of payloads.entries()) {
        asker.request('query', 3, { Name: 'q', Timeout: 1_500_000_000, Payload: payload });
        heard.push(await all((listener) => listener.take(2)));
        const answer = { ID: index + 1, Payload: payload };
        heard.push(await all((listener) => listener.ask('respond', 4, answer, 1)));
        const [header, ...rest] = await asker.takeUntilQuiet(1_800);
        heard.push(header, sorted(rest.filter((_, at) => at % 2 === 1).filter(hasSender)));
      }
      return [shown(heard)];
    });
  });

  test('stay apart on the way between Serf and tserf, and to whoever joins later', async () => {
    const shown = await asSerfTells();
    const told = {
      'alpha: none': null,
      'alpha: empty': 'c4 ',
      'beta: none': null,
      'beta: empty': 'c4 ',
    };
    const listen = async (agent: Agent) => {
      const listener = await client(agent);
      await listener.ask('stream', 1, { Type: 'user' }, 1);
      return async () => {
        const heard = await listener.take(2 * Object.keys(told).length);
        const events = heard.filter((_, index) => index % 2 === 1) as Record<string, string>[];
        return Object.fromEntries(events.map(({ Name = '', Payload }) => [Name, Payload]));
      };
    };
    const alpha = await Agent.start(tserf, { node: 'alpha' });
    const beta = await Agent.start(serf, { node: 'beta' });
    await beta.join(alpha);
    const listeners = [await listen(alpha), await listen(beta)];

    for (const agent of [alpha, beta]) {
      const sender = await client(agent);
      for (const [what, payload] of Object.entries({ none: null, empty })) {
        const event = { Name: `${agent.node}: ${what}`, Payload: payload, Coalesce: false };
        await sender.ask('event', 1, event, 1);
      }
    }
    for (const heard of listeners) expect(shown(await heard())).toEqual(shown(told));

    for (const [line, node, seed] of [
      [tserf, 'gamma', beta],
      [serf, 'delta', alpha],
    ] as const) {
      const late = await Agent.start(line, { node });
      const heard = await listen(late);
      await call(line, 'join', '-replay', `-rpc-addr=${late.rpc}`, seed.gossip);
      expect(shown(await heard()), node).toEqual(shown(told));
    }
  });
});

describe('keys', () => {
  const first = 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=';
  const second = '5K9OtfP7efFrNKe5WCQvXvnaXJ5cWP0SvXiwe0kkjM4=';
  const changes = [
    ['list-keys', undefined],
    ['install-key', second],
    ['install-key', second],
    ['list-keys', undefined],
    ['use-key', second],
    ['remove-key', second],
    ['remove-key', first],
    ['remove-key', first],
    ['use-key', first],
    ['install-key', 'bad!'],
    ['install-key', ''],
    ['install-key', 'AAAA'],
    ['use-key', 'x'],
    ['list-keys', undefined],
  ] as const;

  test.each([
    ['with encryption', [`-encrypt=${first}`]],
    ['without', []],
  ])('%s: whatever a client asks for', (_how, flags) =>
    same({ flags }, async (agent) => {
      const one = await client(agent);
      const heard = [];
      for (const [command, key] of changes) {
        const body = key === undefined ? undefined : { Key: key };
        const [header, reply] = await one.ask(command, 5, body, 2);
        // Ours also says which key is the primary one, which Serf's programs skip.
        const { PrimaryKeys: _, ...known } = reply as Record<string, unknown>;
        heard.push([header, known]);
      }
      return heard;
    }),
  );

  test('in a cluster: on all nodes, and what each has to say', () =>
    same({ withPeer: true, flags: [`-encrypt=${first}`] }, async (agent) => {
      const one = await client(agent);
      return [
        await one.ask('install-key', 1, { Key: second }, 2),
        await one.ask('use-key', 2, { Key: second }, 2),
        await one.ask('remove-key', 3, { Key: second }, 2),
        await one.ask('remove-key', 4, { Key: first }, 2),
      ];
    }));
});

test('monitors: levels, one at a time, and again after a stop', () =>
  same({}, async (agent) => {
    const one = await client(agent);
    const heard = [];
    for (const level of ['loud', '', 'error', 'ERR', 'err']) {
      heard.push(await one.ask('monitor', 9, { LogLevel: level }, 1));
    }
    heard.push(await one.ask('monitor', 10, { LogLevel: 'debug' }, 1));
    heard.push(await one.ask('stop', 11, { Stop: 9 }, 1));
    const [answer, header, record] = await one.ask('monitor', 12, { LogLevel: 'info' }, 3);
    const { Log: line } = record as { readonly Log: string };
    return [...heard, answer, header, Object.keys(record as object), line.replace(/^\S+ \S+/, '')];
  }));
