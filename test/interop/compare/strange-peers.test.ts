import { afterAll, describe, expect, test } from 'vitest';
import { tserf } from '../../harness/agents.ts';
import { endAll } from '../../harness/processes.ts';
import { answer, goodReply, type Oddity, StrangePeer } from '../../harness/strange-peer.ts';
import { encodeWire, type WireValue } from '../../harness/wire-values.ts';
import { end, expectSame, kinds, serf, start } from './same-output.ts';

/*
 * Where a command looks for an agent somebody else may listen, or an agent that breaks off. Both programs make the same
 * of it: of every request of theirs that is answered oddly.
 */

afterAll(endAll);

/** Each request of each command: the one that is answered oddly, those before it well. */
const requests: readonly (readonly [request: string, args: readonly string[]])[] = [
  ['handshake', ['members']],
  ['auth', ['members', '-rpc-auth=x']],
  ['event', ['event', 'deploy']],
  ['force-leave', ['force-leave', 'x']],
  ['stats', ['info']],
  ['join', ['join', 'a']],
  ['list-keys', ['keys', '-list']],
  ['install-key', ['keys', '-install=a']],
  ['leave', ['leave']],
  ['members-filtered', ['members']],
  ['stream', ['monitor']],
  ['monitor', ['monitor']],
  ['query', ['query', 'load']],
  ['query', ['query', '-format=json', 'load']],
  ['members', ['reachability']],
  ['query', ['reachability']],
  ['stats', ['rtt', 'n2']],
  ['get-coordinate', ['rtt', 'n2', 'n3']],
  ['tags', ['tags', '-set', 'a=b']],
];

const records: Readonly<Record<string, WireValue>> = {
  monitor: { Log: '2026/01/01 00:00:00 [INFO] x' },
  query: { From: 'n1', Payload: null, Type: 'ack' },
};

const text = (written: string) => Buffer.from(written, 'latin1');
const ok = (seq: number) => answer(seq, '');
const says = (what: Oddity['says']): Oddity => ({ says: what, hangsUp: false });
const breaksOff = (what: Oddity['says']): Oddity => ({ says: what, hangsUp: true });
const cut = (bytes: Uint8Array) => bytes.subarray(0, -2);
const both = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);

type Oddities = Readonly<Record<string, Oddity>>;

/** In the place of any answer. */
const anywhere: Oddities = {
  'hangs up': breaksOff(() => text('')),
  'hangs up after a refusal': breaksOff((seq) => answer(seq, 'boom\n\tand so on')),
  'speaks HTTP': says(() => text('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
};

/** In the place of any header: one way to read it serves all commands. */
const inHeader: Oddities = {
  'hangs up in a header': breaksOff((seq) => cut(ok(seq))),
  'sends bytes that mean nothing': says(() => text('\xc1\xff\x00\xc1')),
  'sends nil for a header': breaksOff(() => encodeWire(null)),
  'sends a header of other types': says(() => encodeWire({ Error: 7, Seq: 'x' })),
  'answers somebody else, and hangs up': breaksOff((seq) => ok(seq + 100)),
};
const withHeaders = new Set(['handshake', 'auth', 'event', 'members-filtered', 'monitor']);

/** In the place of an answer with a body. */
const inBody = (reply: WireValue): Oddities => ({
  'hangs up before the body': breaksOff(ok),
  'hangs up in the body': breaksOff((seq) => cut(answer(seq, '', reply))),
  'sends text for the body': says((seq) => answer(seq, '', 'text')),
  'sends a body of other types': says((seq) =>
    answer(seq, '', { Num: 'x', Members: 'x', Coord: 'x', Keys: 7, Messages: 7, agent: 7 }),
  ),
  'sends an empty body': says((seq) => answer(seq, '', {})),
  'sends nil for the body': says((seq) => answer(seq, '', null)),
  'refuses, with a body': says((seq) => answer(seq, 'boom', reply)),
});

/** In the place of records. */
const inRecords = (record: WireValue): Oddities => ({
  'hangs up before a record': breaksOff(ok),
  'hangs up in the header of a record': breaksOff((seq) => both(ok(seq), cut(ok(seq)))),
  'hangs up after the header of a record': breaksOff((seq) => both(ok(seq), ok(seq))),
  'hangs up in a record': breaksOff((seq) => both(ok(seq), cut(answer(seq, '', record)))),
  'hangs up after a record': breaksOff((seq) => both(ok(seq), answer(seq, '', record))),
  'sends text for a record': says((seq) => both(ok(seq), answer(seq, '', 'text'))),
  'sends a record of other types': says((seq) =>
    both(ok(seq), answer(seq, '', { From: 7, Log: 7, Type: 7 })),
  ),
  'speaks HTTP where a record is due': says((seq) => both(ok(seq), text('HTTP/1.1 400\r\n'))),
});

/** What has no end, or one by chance: no members to wait for, and a last record that races the end of the connection. */
const unfit = (request: string, args: readonly string[], what: string) =>
  (request === 'members' && / (an empty|nil for the) body$/.test(what)) ||
  (args.includes('-format=json') && what === 'hangs up after a record');

const cases = requests.flatMap(([request, args]) => {
  const reply = goodReply(request);
  const record = records[request];
  const oddities = {
    ...anywhere,
    ...(withHeaders.has(request) ? inHeader : {}),
    ...(reply === undefined ? {} : inBody(reply)),
    ...(record === undefined ? {} : inRecords(record)),
  };
  return Object.entries(oddities)
    .filter(([what]) => !unfit(request, args, what))
    .map(([what, oddity]) => [args.join(' '), what, request, oddity, args] as const);
});

test.concurrent.each(cases)(
  '%s: a peer %s, asked for %s',
  async (_, _what, request, oddity, args) => {
    const peer = await StrangePeer.start(request, oddity);
    // A reply and the end of its connection race in Serf: what it says first must be seen before long.
    await expectSame({ args, form: 'unreadable', isLive: true }, { rpc: peer.address });
    peer.close();
  },
);

describe.each([
  ['hangs up', breaksOff(() => text(''))],
  ['speaks before it is asked', says(() => text('220 mail.example.org ESMTP\r\n'))],
] as const)('a peer that %s when somebody connects', (_what, oddity) => {
  test.concurrent.each(requests)('%s: %s', async (_request, args) => {
    const peer = await StrangePeer.start(undefined, oddity);
    await expectSame({ args, isLive: true }, { rpc: peer.address });
    peer.close();
  });
});

/** Commands that have a use of Ctrl-C. Serf's are deaf to it until they were answered; ours end. */
const interruptible = new Set(['monitor', 'query', 'reachability']);

describe.each(['SIGINT', 'SIGTERM'] as const)('a peer that is silent, until %s', (signal) => {
  const silent = says(() => text(''));
  test.concurrent.each(requests)('%s: %j', async (request, args) => {
    const [name = '', ...rest] = args;
    const runs = await Promise.all(
      kinds.map(async (kind) => {
        const peer = await StrangePeer.start(request, silent);
        // Serf waits for ever; ours does where it is told to.
        const limits = kind === 'serf' ? [] : ['-rpc-timeout=0'];
        const line = kind === 'serf' ? serf : tserf;
        const running = start(line, { rpc: peer.address }, name, ...limits, ...rest);
        await peer.isAsked;
        running.signal(signal);
        return { running, peer };
      }),
    );
    const [theirs, ours] = runs.map(async ({ running }) => ({
      ...(await end(running)),
      diedOf: running.child.signalCode,
    }));

    const ourEnd = await ours;
    expect(ourEnd?.diedOf).toBe(signal);
    if (signal === 'SIGINT' && interruptible.has(name)) {
      expect(runs[0]?.running.alive).toBe(true);
      await runs[0]?.running.kill();
    } else {
      expect(ourEnd).toEqual(await theirs);
    }
    for (const { peer } of runs) peer.close();
  });
});
