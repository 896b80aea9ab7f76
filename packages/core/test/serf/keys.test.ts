import { describe, expect, test } from 'vitest';
import type { KeyOperation } from '../../src/serf/input.js';
import { fittingKeyList } from '../../src/serf/key-answers.js';
import type { KeyReport, SerfOutput } from '../../src/serf/output.js';
import { encodeKeyText } from '../../src/wire/key-text.js';
import { decodeSerfMessage, encodeSerfMessage } from '../../src/wire/serf-codec.js';
import type { KeyResponse, QueryMessage } from '../../src/wire/serf-messages.js';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

const key = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const text = (byte: number) => encodeKeyText(key(byte));

/** A node with keys, and what it answers to key queries of others. */
function holder(...keys: Uint8Array[]) {
  return holderOf(keys, false);
}

function holderOf(keys: readonly Uint8Array[], keepsKeys: boolean) {
  const network = new Network();
  network.keys = keys;
  network.keepsKeys = keepsKeys;
  const under = network.start('n');
  let id = 0;

  /** What the node does on a key query from elsewhere. */
  const hear = (name: string, payload: Uint8Array | undefined): SerfOutput[] => {
    id += 1;
    return under.hear({
      type: 'query',
      ltime: 1,
      id,
      address: Uint8Array.of(10, 9, 9, 9),
      port: 7_946,
      sourceNode: 'elsewhere',
      filters: undefined,
      flags: 0,
      relayFactor: 0,
      timeout: 1e9,
      name: `_serf_${name}`,
      payload,
    } satisfies QueryMessage);
  };
  const request = (of: Uint8Array) => encodeSerfMessage({ type: 'keyRequest', key: of });
  /** The answer as it leaves; `undefined` for none. */
  const answer = (name: string, payload: Uint8Array | undefined): KeyResponse | undefined => {
    const [bytes] = answerBytes(hear(name, payload));
    if (bytes === undefined) return undefined;
    const message = decodeSerfMessage(bytes);
    if (message.type !== 'keyResponse') throw new Error('an answer of another kind');
    return message;
  };
  return { under, hear, answer, request };
}

/** The payloads of the query responses that leave in packets. */
function answerBytes(outputs: readonly SerfOutput[]): Uint8Array[] {
  return outputs.flatMap((output) => {
    if (output.type !== 'packet' || output.to.host !== '10.9.9.9') return [];
    const message = decodeSerfMessage(output.parts[0]?.subarray(1) ?? new Uint8Array());
    return message.type === 'queryResponse' && message.payload !== undefined
      ? [message.payload]
      : [];
  });
}

const keysAfter = (outputs: readonly SerfOutput[]) =>
  outputs.flatMap((output) => (output.type === 'keyringChanged' ? [output.keys] : []));

describe('a node that is asked to', () => {
  test('install a key adds it at the end, and says yes in Serf’s bytes', () => {
    const { hear, request } = holder(key(1));

    const outputs = hear('install-key', request(key(2)));

    expect(keysAfter(outputs)).toEqual([[key(1), key(2)]]);
    expect(answerBytes(outputs).map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([
      '0884a44b657973c0a74d657373616765a0aa5072696d6172794b6579a0a6526573756c74c3',
    ]);
  });

  test('keep its keys answers when they are kept, and says why they could not be', () => {
    const { under, hear, request } = holderOf([key(1)], true);
    const kept = (change: number, error: string | undefined) =>
      answerBytes(under.feed({ type: 'keyringKept', change, error })).map((bytes) =>
        decodeSerfMessage(bytes),
      );

    for (const byte of [2, 3]) {
      const outputs = hear('install-key', request(key(byte)));
      expect(answerBytes(outputs)).toEqual([]);
      expect(keysAfter(outputs)).toHaveLength(1);
    }
    const full = 'Failed to write keyring file: open /x: no space left on device';

    expect(kept(2, full)).toMatchObject([{ result: false, message: full }]);
    expect(kept(1, undefined)).toMatchObject([{ result: true, message: '' }]);
    expect(kept(1, undefined)).toEqual([]);
    // What is refused, and what is only asked for, waits for no disk.
    expect(answerBytes(hear('use-key', request(key(9))))).toHaveLength(1);
    expect(
      answerBytes(
        hear('list-keys', encodeSerfMessage({ type: 'keyRequest', key: new Uint8Array() })),
      ),
    ).toHaveLength(1);
  });

  test('keep its keys does not wait for a disk that takes ever longer', () => {
    const { hear, request } = holderOf([key(1)], true);

    for (let change = 0; change < 64; change += 1) {
      expect(answerBytes(hear('use-key', request(key(1))))).toEqual([]);
    }

    expect(answerBytes(hear('use-key', request(key(1))))).toHaveLength(1);
  });

  test('install a key that it has says yes, and changes nothing', () => {
    const { hear, answer, request } = holder(key(1), key(2));

    expect(answer('install-key', request(key(2)))).toMatchObject({ result: true, message: '' });
    expect(keysAfter(hear('install-key', request(key(1))))).toEqual([[key(1), key(2)]]);
  });

  test('use a key moves it to the front', () => {
    const { hear, request } = holder(key(1), key(2), key(3));

    expect(keysAfter(hear('use-key', request(key(3))))).toEqual([[key(3), key(1), key(2)]]);
  });

  test('remove a key takes it out, and one that it has not is as good as removed', () => {
    const { hear, answer, request } = holder(key(1), key(2));

    expect(keysAfter(hear('remove-key', request(key(2))))).toEqual([[key(1)]]);
    expect(answer('remove-key', request(key(9)))).toMatchObject({ result: true, message: '' });
  });

  test.each([
    ['install-key', key(1, 15), 'key size must be 16, 24 or 32 bytes'],
    ['install-key', key(1, 0), 'key size must be 16, 24 or 32 bytes'],
    ['use-key', key(9), 'requested key is not in the keyring'],
    ['remove-key', key(1), 'removing the primary key is not allowed'],
  ])('%s refuses what it must: %#', (name, bad, message) => {
    const { hear, answer, request } = holder(key(1), key(2));

    expect(answer(name, request(bad))).toMatchObject({ result: false, message });
    expect(keysAfter(hear(name, request(bad)))).toEqual([]);
  });

  test.each(['install-key', 'use-key', 'remove-key'])(
    '%s answers no to a payload of zero bytes, and to garbage (weakness 6)',
    (name) => {
      const { hear, answer } = holder(key(1));

      for (const payload of [
        undefined,
        new Uint8Array(),
        Uint8Array.of(7),
        Uint8Array.of(7, 0xc1),
      ]) {
        expect(answer(name, payload)).toMatchObject({ result: false, message: '' });
        expect(keysAfter(hear(name, payload))).toEqual([]);
      }
    },
  );

  test('change keys does not look at the type byte of the request, as Serf does not', () => {
    const { answer, request } = holder(key(1));

    expect(answer('install-key', Uint8Array.of(99, ...request(key(2)).subarray(1)))).toMatchObject({
      result: true,
    });
  });

  test('do anything without encryption says what is missing', () => {
    const { answer, request } = holder();

    for (const name of ['install-key', 'use-key', 'remove-key']) {
      expect(answer(name, request(key(1)))).toMatchObject({
        result: false,
        message: 'No keyring to modify (encryption not enabled)',
      });
    }
    expect(answer('list-keys', request(new Uint8Array()))).toMatchObject({
      result: false,
      message: 'Keyring is empty (encryption not enabled)',
    });
  });

  test('list its keys names them, the primary first', () => {
    const { answer, request } = holder(key(1), key(2));

    expect(answer('list-keys', request(new Uint8Array()))).toEqual({
      type: 'keyResponse',
      result: true,
      message: '',
      keys: [text(1), text(2)],
      primaryKey: text(1),
    });
    expect(answer('list-keys', undefined)).toMatchObject({ result: true });
  });

  test('hold more keys than a packet of tries can bear refuses them', () => {
    const { hear, answer, request } = holder(key(0));
    for (let byte = 1; byte < 256; byte += 1) hear('install-key', request(key(byte)));

    expect(answer('install-key', request(key(1, 24)))).toMatchObject({
      result: false,
      message: 'the keyring is full: it has 256 keys',
    });
    expect(answer('install-key', request(key(255)))).toMatchObject({ result: true });
  });

  test('install the twentieth key warns of it, once for each key', () => {
    const { hear, request } = holder(...Array.from({ length: 19 }, (_, index) => key(index)));

    const warning = { type: 'report', code: 'manyKeys', count: 20 };
    expect(hear('install-key', request(key(20)))).toContainEqual(warning);
    expect(hear('install-key', request(key(20)))).not.toContainEqual(warning);
  });
});

describe('a list of keys that is too long', () => {
  const list = (count: number) => ({
    type: 'keyResponse' as const,
    result: false,
    message: '',
    keys: Array.from({ length: count }, (_, index) => text(index)),
    primaryKey: '',
  });
  /** As Serf counts in its own tests: no name, no numbers, a limit of 1,024 bytes. */
  const encoded = (payload: Uint8Array) =>
    encodeSerfMessage({ type: 'queryResponse', ltime: 0, id: 0, from: '', flags: 0, payload });
  const fits = (payload: Uint8Array) => encoded(payload).length <= 1_024;

  test.each([
    [18, 18],
    [20, 20],
    [21, 18],
    [50, 18],
  ])('of %d shows %d where the answer holds nothing else', (count, shown) => {
    const fitted = fittingKeyList(list(count), 40, fits);

    expect(fitted?.shown).toBe(shown);
  });

  test('has the lengths that Serf’s have', () => {
    const message = 'truncated key list response, showing first 18 of 21 keys';
    const cut = { ...list(18), message };

    expect(encoded(encodeSerfMessage(cut))).toHaveLength(980);
    expect(encoded(encodeSerfMessage(list(20)))).toHaveLength(1_016);
  });

  test.each([
    [19, 19, ''],
    [20, 17, 'truncated key list response, showing first 17 of 20 keys'],
    [21, 17, 'truncated key list response, showing first 17 of 21 keys'],
    [33, 17, 'truncated key list response, showing first 17 of 33 keys'],
    [50, 17, 'truncated key list response, showing first 17 of 50 keys'],
  ])('of %d is answered with %d by a node in a cluster (weakness 23)', (count, shown, message) => {
    const keys = Array.from({ length: count }, (_, index) => key(index));
    const { answer, hear, request } = holder(...keys);

    expect(answer('list-keys', request(new Uint8Array()))).toEqual({
      type: 'keyResponse',
      result: true,
      message,
      keys: keys.slice(0, shown).map(encodeKeyText),
      primaryKey: text(0),
    });
    const reports = hear('list-keys', undefined).filter(
      (output) => output.type === 'report' && output.code === 'keyListTruncated',
    );
    expect(reports).toHaveLength(shown < count ? 1 : 0);
  });

  test('of which not even one fits is not answered', () => {
    const network = new Network();
    network.keys = [key(1)];
    expect(fittingKeyList(list(3), 40, () => false)).toBeUndefined();
  });
});

describe('the one who asks', () => {
  function clusterWith(keys: readonly Uint8Array[]) {
    const network = new Network();
    network.keys = keys;
    const [alpha, beta, gamma] = network.cluster('alpha', 'beta', 'gamma');
    if (alpha === undefined || beta === undefined || gamma === undefined) throw new Error('empty');
    return { network, alpha, beta, gamma };
  }

  let last = 0;
  function ask(node: NodeUnderTest, operation: KeyOperation, of?: Uint8Array): number {
    last += 1;
    node.feed({ type: 'keys', request: last, operation, key: of, relayFactor: 0 });
    return last;
  }

  const reportOf = (node: NodeUnderTest, request: number): KeyReport | undefined => {
    const done = node.outputs.find(
      (output) => output.type === 'keysDone' && output.request === request,
    );
    return done?.type === 'keysDone' ? done.report : undefined;
  };

  test('hears how many members have which keys, and ends when all have answered', () => {
    const { network, alpha } = clusterWith([key(1), key(2)]);
    const request = ask(alpha, 'list');

    network.runFor(1_599);

    expect(reportOf(alpha, request)).toEqual({
      numNodes: 3,
      numResponses: 3,
      numErrors: 0,
      messages: new Map(),
      keys: new Map([
        [text(1), 3],
        [text(2), 3],
      ]),
      primaryKeys: new Map([[text(1), 3]]),
    });
  });

  test('rotates the keys of all members, one step after the other', () => {
    const { network, alpha, beta, gamma } = clusterWith([key(1)]);

    const requests = [
      ask(alpha, 'install', key(2)),
      ask(alpha, 'use', key(2)),
      ask(alpha, 'remove', key(1)),
    ];
    network.runFor(20_000);

    for (const request of requests) {
      expect(reportOf(alpha, request)).toMatchObject({
        numNodes: 3,
        numResponses: 3,
        numErrors: 0,
      });
    }
    for (const node of [alpha, beta, gamma]) {
      const changes = keysAfter(node.outputs);
      expect(changes).toEqual([[key(1), key(2)], [key(2), key(1)], [key(2)]]);
    }
  });

  test('hears who refused, and why', () => {
    const { network, alpha } = clusterWith([key(1)]);
    const request = ask(alpha, 'use', key(9));

    network.runFor(5_000);

    const message = 'requested key is not in the keyring';
    expect(reportOf(alpha, request)).toMatchObject({
      numErrors: 3,
      messages: new Map(['alpha', 'beta', 'gamma'].map((name) => [name, message])),
      primaryKeys: new Map([['', 3]]),
    });
  });

  test('waits to the end for who does not answer, and counts it as missing', () => {
    const { network, alpha, gamma } = clusterWith([key(1)]);
    gamma.isUp = false;
    const request = ask(alpha, 'install', key(2));

    network.runFor(1_500);
    expect(reportOf(alpha, request)).toBeUndefined();
    network.runFor(200);

    expect(reportOf(alpha, request)).toMatchObject({ numNodes: 3, numResponses: 2, numErrors: 0 });
  });

  test('hears of answers that make no sense', () => {
    const { network, alpha, gamma } = clusterWith([key(1)]);
    gamma.isUp = false;
    const request = ask(alpha, 'list');
    const query = network.carried.length;
    expect(query).toBeGreaterThan(0);
    network.runFor(1_000);
    const sent = network.carried.find(({ message }) => message.type === 'query')?.message;
    if (sent?.type !== 'query') throw new Error('no query');
    const answer = (from: string, payload: Uint8Array) =>
      alpha.hear({
        type: 'queryResponse',
        ltime: sent.ltime,
        id: sent.id,
        from,
        flags: 0,
        payload,
      });

    answer('gamma', Uint8Array.of(8, 0xc1));

    const report = reportOf(alpha, request);
    expect(report).toMatchObject({ numResponses: 3, numErrors: 1 });
    expect(report?.messages.get('gamma')).toMatch(/^Failed to decode key query response: /);
    const other = ask(alpha, 'list');
    network.runFor(5_000);
    expect(reportOf(alpha, other)).toMatchObject({ numResponses: 2 });
  });

  test('reads no answer that is longer than a packet: it would be at it for seconds', () => {
    const { network, alpha, gamma } = clusterWith([key(1)]);
    gamma.isUp = false;
    const request = ask(alpha, 'list');
    network.runFor(1_000);
    const sent = network.carried.find(({ message }) => message.type === 'query')?.message;
    if (sent?.type !== 'query') throw new Error('no query');
    const keys = Array.from({ length: 20_000 }, (_, index) => String(index));
    const payload = encodeSerfMessage({
      type: 'keyResponse',
      result: true,
      message: '',
      keys,
      primaryKey: '',
    });

    const { ltime, id } = sent;
    alpha.hear({ type: 'queryResponse', ltime, id, from: 'gamma', flags: 0, payload });

    const report = reportOf(alpha, request);
    expect(report).toMatchObject({ numResponses: 3, numErrors: 1 });
    expect(report?.messages.get('gamma')).toMatch(
      /^Failed to decode key query response: \d+ bytes/,
    );
    expect(report?.keys.size).toBe(1);
  });

  test('ends in an error when the query cannot be sent', () => {
    const { alpha } = clusterWith([key(1)]);

    const request = ask(alpha, 'install', new Uint8Array(2_000));

    expect(alpha.result(request)).toBe('query exceeds limit of 1024 bytes');
    expect(alpha.outputs.some(({ type }) => type === 'keysDone')).toBe(false);
  });

  test('cannot pile up requests without end', () => {
    const { alpha } = clusterWith([key(1)]);
    const requests = Array.from({ length: 66 }, () => ask(alpha, 'install', key(2)));

    expect(alpha.result(requests.at(-1) ?? -1)).toBe('too many key operations wait: 64');
    expect(alpha.result(requests[1] ?? -1)).toBeUndefined();
  });
});
