import { encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { queryFor, readFoundHosts, readQuery, replyTo } from '../../src/discovery/message.js';
import { answersTo, service } from '../../src/discovery/service.js';

/** What Serf v0.11.0, named web.1 and bound to 127.0.0.1:21946, answered to a question for `_serf_clu._tcp.local`. */
const ofSerf = Buffer.from(
  '000084000000000400000000095f736572665f636c75045f746370056c6f63616c00000c00010000007800080377656201' +
    '31c00cc02c0021000100000078000a000a000155ba02766d00c046000100010000007800047f000001c02c001000010000' +
    '0078001312536572662027636c752720636c7573746572',
  'hex',
);
const name = '_serf_clu._tcp.local';

const offered = (host: string) =>
  service({ cluster: 'clu', node: 'web.1', machine: 'vm', host, port: 21_946 });

const answered = (host: string) => {
  const query = readQuery(queryFor(name));
  if (query === undefined) throw new Error('our own question cannot be read');
  return replyTo(
    query,
    query.questions.flatMap((question) => answersTo(question, offered(host))),
  );
};

describe('a query', () => {
  test('asks for the pointers of the service and can be read again', () => {
    expect(readQuery(queryFor(name))).toEqual({
      id: 0,
      wantsUnicast: false,
      questions: [{ name, type: 'PTR', class: 'IN' }],
    });
  });

  test('keeps its number in the answer only when it asks for unicast', () => {
    const bytes = encode({ type: 'query', id: 7, questions: [{ type: 'PTR', name }] });
    const unicast = Buffer.from(bytes);
    unicast.writeUInt16BE(0x8001, unicast.length - 2);

    const [plain, asked] = [readQuery(bytes), readQuery(unicast)];
    if (plain === undefined || asked === undefined) throw new Error('not read');

    expect([plain.wantsUnicast, asked.wantsUnicast]).toEqual([false, true]);
    expect(replyTo(plain, []).readUInt16BE(0)).toBe(0);
    expect(replyTo(asked, []).readUInt16BE(0)).toBe(7);
  });

  test('is neither an answer nor a list of a hundred questions', () => {
    const questions = Array.from({ length: 100 }, () => ({ type: 'PTR' as const, name }));

    expect(readQuery(ofSerf)).toBeUndefined();
    expect(readQuery(encode({ type: 'query', questions }))).toBeUndefined();
  });
});

describe('the answer', () => {
  test("of Serf and of tserf says the same, and tserf's has Serf's header", () => {
    const ours = answered('127.0.0.1');

    expect(readFoundHosts(ofSerf, name)).toEqual([{ host: '127.0.0.1', port: 21_946 }]);
    expect(readFoundHosts(ours, name)).toEqual(readFoundHosts(ofSerf, name));
    expect(ours.subarray(0, 12)).toEqual(ofSerf.subarray(0, 12));
  });

  test('carries an IPv6 address in the form in which members have it', () => {
    expect(readFoundHosts(answered('fd00::2'), name)).toEqual([{ host: 'fd00::2', port: 21_946 }]);
  });

  test('about another cluster, or without port, address or text, names nobody', () => {
    const records = answersTo({ name, type: 'PTR' }, offered('127.0.0.1'));
    const without = (type: string) =>
      encode({ type: 'response', answers: records.filter((record) => record.type !== type) });

    expect(readFoundHosts(ofSerf, '_serf_other._tcp.local')).toEqual([]);
    for (const type of ['PTR', 'SRV', 'A', 'TXT']) {
      expect(readFoundHosts(without(type), name)).toEqual([]);
    }
    const portless = answersTo({ name, type: 'PTR' }, { ...offered('127.0.0.1'), port: 0 });
    expect(readFoundHosts(encode({ type: 'response', answers: portless }), name)).toEqual([]);
  });
});

test('arbitrary bytes, and messages with changed or missing bytes, are read or ignored, never an error', () => {
  const readAll = (bytes: Buffer): void => {
    readQuery(bytes);
    readFoundHosts(bytes, name);
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => readAll(Buffer.from(bytes))));
  fc.assert(
    fc.property(
      fc.constantFrom(ofSerf, answered('fd00::2'), queryFor(name)),
      fc.array(fc.tuple(fc.nat(150), fc.nat(255)), { maxLength: 4 }),
      fc.nat(150),
      (message, changes, length) => {
        const bytes = Buffer.from(message);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        readAll(bytes);
        readAll(bytes.subarray(0, length));
      },
    ),
  );
  readAll(Buffer.alloc(65_507));
});
