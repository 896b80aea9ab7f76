import { describe, expect, test } from 'vitest';
import { Keyring } from '../../src/wire/keyring.js';
import { decodeMessage, encodeMessage } from '../../src/wire/message-codec.js';
import type { Ping } from '../../src/wire/messages.js';
import { openPacket, type PacketSeal, sealPacket } from '../../src/wire/packet.js';
import {
  decodeFilter,
  decodeSerfMessage,
  encodeFilter,
  encodeSerfMessage,
} from '../../src/wire/serf-codec.js';
import {
  encodeErrorReply,
  encodeStreamUser,
  StreamDecoder,
  sealStream,
} from '../../src/wire/stream.js';
import { encodeTags } from '../../src/wire/tags.js';
import { fromHex, plainSeal, toHex } from './vectors.js';

/* The worked examples of spec/01 §14 and spec/03 §22. */

const minimalPing: Ping = {
  type: 'ping',
  sequence: 1,
  node: 'alpha',
  sourceAddress: undefined,
  sourcePort: 0,
  sourceNode: '',
};
const minimalPingHex = '0082a44e6f6465a5616c706861a55365714e6f01';

const compact = (hex: string) => hex.replaceAll(/\s/g, '');
const rewrittenSerf = (hex: string) => {
  const { body } = decodeMessage(fromHex(hex)) as { body: Uint8Array };
  return toHex(encodeMessage({ type: 'user', body: encodeSerfMessage(decodeSerfMessage(body)) }));
};

describe('gossip messages', () => {
  test.each([
    [
      1,
      '00 85 a44e6f6465 a5616c706861 a55365714e6f 01 aa536f7572636541646472 a47f000001 aa536f757263654e6f6465 a462657461 aa536f75726365506f7274 cd6d2b',
    ],
    [2, minimalPingHex],
    [3, '0282a75061796c6f6164c0a55365714e6f01'],
    [
      5,
      '0188a44e61636bc3a44e6f6465a566616b6532a4506f7274cd6d30a55365714e6f01aa536f7572636541646472a47f000001aa536f757263654e6f6465a5616c706861aa536f75726365506f7274cd6d2aa6546172676574a47f000001',
    ],
    [
      6,
      '0185a44e61636bc3a44e6f6465a5616c706861a4506f7274cd6d2aa55365714e6f37a6546172676574a47f000001',
    ],
    [7, '0b81a55365714e6f37'],
    [
      8,
      '0486a441646472a47f000001ab496e6361726e6174696f6e07a44d657461a2ff80a44e6f6465a567616d6d61a4506f7274cd6d38a356736ea6010502020505',
    ],
    [10, '0383a446726f6da564656c7461ab496e6361726e6174696f6e07a44e6f6465a567616d6d61'],
    [12, '0583a446726f6da564656c7461ab496e6361726e6174696f6e07a44e6f6465a567616d6d61'],
  ])('example %i comes out as it went in', (_number, hex) => {
    expect(toHex(encodeMessage(decodeMessage(fromHex(hex))))).toBe(compact(hex));
  });

  test('example 9, an alive without versions, is not taken', () => {
    const hex =
      '0486a441646472a47f000001ab496e6361726e6174696f6e07a44d657461c0a44e6f6465a462657461a4506f7274cd1f0aa356736ec0';

    expect(() => decodeMessage(fromHex(hex))).toThrow('0 version bytes instead of six');
  });
});

describe('packets', () => {
  test.each([
    [
      11,
      '0c6f9330ba0383a446726f6da5616c706861ab496e6361726e6174696f6e01a44e6f6465a566616b6532',
      true,
    ],
    [13, '0c033f28320583a446726f6da462657461ab496e6361726e6174696f6e01a44e6f6465a462657461', true],
    [14, '0caada2b16080182a54c54696d6501a44e6f6465a462657461', true],
    [
      15,
      '070200140014 0082a44e6f6465a5616c706861a55365714e6f01 0082a44e6f6465a5616c706861a55365714e6f02',
      false,
    ],
    [
      16,
      '0c7568efc70702004300250085a44e6f6465a566616b6532a55365714e6f03aa536f7572636541646472a47f000001aa536f757263654e6f6465a5616c706861aa536f75726365506f7274cd6d2a0383a446726f6da5616c706861ab496e6361726e6174696f6e01a44e6f6465a566616b6532',
      true,
    ],
    [
      17,
      '0cd957d71c07020047003f0486a441646472a47f000001ab496e6361726e6174696f6e01a44d657461abff81a4726f6c65a3776562a44e6f6465a462657461a4506f7274cd6d2ba356736ea60105020205050486a441646472a47f000001ab496e6361726e6174696f6e01a44d657461a2ff80a44e6f6465a5616c706861a4506f7274cd6d2aa356736ea6010502020505',
      true,
    ],
    [18, `0c6a0fdb88${minimalPingHex}`, true],
  ])('example %i comes out as it went in', (_number, hex, checksum) => {
    const { parts } = openPacket(fromHex(hex), plainSeal);

    const written = parts.map((part) => encodeMessage(decodeMessage(part)));
    expect(toHex(sealPacket(written, checksum, plainSeal))).toBe(compact(hex));
  });

  test.each([
    [19, '0982a4416c676f00a3427566b800010822e5e40d9932a5c2b08183264ca92965e2140c1010', 1],
    [20, '0c407720fa0982a4416c676f00a3427566b800010822e5e40d9932a5c2b08183264ca92965e2140c1010', 1],
    [
      21,
      '0982a4416c676f00a3427566da002a000f08004081200041a49cbc2153a654183670d0842935a54c1c85010e265cd8f061c489152fbe111010',
      2,
    ],
  ])('example %i, compressed, holds its pings', (_number, hex, count) => {
    const { parts } = openPacket(fromHex(hex), plainSeal);

    expect(parts.map(decodeMessage)).toEqual(
      Array.from({ length: count }, (_, index) => ({ ...minimalPing, sequence: index + 1 })),
    );
  });

  test('what compression makes longer stays as it is', () => {
    const ping = fromHex(minimalPingHex);

    expect(sealPacket([ping], false, { ...plainSeal, compression: true })).toBe(ping);
  });
});

describe('streams', () => {
  const accept = (hex: string, seal = plainSeal) =>
    new StreamDecoder(seal, 'accepting').push(fromHex(hex));
  const receive = (hex: string, seal = plainSeal) =>
    new StreamDecoder(seal, 'dialling').push(fromHex(hex));

  test('examples 23 and 24: error replies', () => {
    const refusal = 'Remote state is encrypted and encryption is not configured';
    const hex =
      '0d81a54572726f72da003a52656d6f746520737461746520697320656e6372797074656420616e6420656e6372797074696f6e206973206e6f7420636f6e66696775726564';

    expect(toHex(encodeErrorReply('boom'))).toBe('0d81a54572726f72a4626f6f6d');
    expect(toHex(encodeErrorReply(refusal))).toBe(hex);
    expect(receive(hex)).toEqual({ type: 'error', error: refusal });
  });

  test('examples 25 and 26: user messages', () => {
    const hex = '0881aa557365724d73674c656e03ff6162';

    expect(toHex(encodeStreamUser(fromHex('ff6162')))).toBe(hex);
    expect(accept(hex)).toEqual({ type: 'user', body: fromHex('ff6162') });
    expect(toHex(encodeStreamUser(new Uint8Array(300)).subarray(0, 16))).toBe(
      '0881aa557365724d73674c656ed1012c',
    );
    expect(accept(`0881aa557365724d73674c656ecd012c${'ab'.repeat(300)}`)).toEqual({
      type: 'user',
      body: new Uint8Array(300).fill(0xab),
    });
  });

  test('example 28: a push/pull of one node without user state', () => {
    const hex =
      '0683a44a6f696ec2a54e6f64657301ac5573657253746174654c656e00 87a441646472a47f000001ab496e6361726e6174696f6e01a44d657461a2ff80a44e616d65a566616b6531a4506f7274cd6d2fa5537461746500a356736ea6010502020505';

    expect(accept(hex)).toMatchObject({
      type: 'pushPull',
      state: { join: false, nodes: [{ name: 'fake1', port: 27951, state: 'alive' }] },
    });
  });

  test('example 30: the ack to a ping, compressed though it grows', () => {
    const ack = encodeMessage({ type: 'ack', sequence: 1, payload: undefined });
    const hex = '0982a4416c676f00a3427566b70005083a05254c1e366fc29001566a4a99384ede040808';

    expect(toHex(sealStream(ack, { ...plainSeal, compression: true }, 'accepted'))).toBe(hex);
    expect(receive(hex)).toMatchObject({ type: 'ack', ack: { sequence: 1 } });
  });
});

describe('encryption', () => {
  const seal: PacketSeal = {
    ...plainSeal,
    keyring: new Keyring([], fromHex('000102030405060708090a0b0c0d0e0f')),
  };

  test.each([
    [
      'version 1',
      '',
      '01a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56afeb14c56827b7e30522a04c09d89b8a117e80ae8bdb050537f6d2ae59',
    ],
    [
      'version 0',
      '',
      '00a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56afeb14c56827b7e30522a04c098f1b31a3291c7d974e8183a41798d675b9024f4a1d4227e610a7c0fe',
    ],
    [
      'version 1, labelled',
      'lab1',
      'f4046c61623101a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56afeb14c56827b7e30522a04c09f7b3953fdd69ae86130c16a962943673',
    ],
    [
      'version 0, labelled',
      'lab1',
      'f4046c61623100a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56afeb14c56827b7e30522a04c098f1b31a3291c7d974e8183a438b0c95b1aeb4f47d54b347884e158d4',
    ],
  ])('a packet of %s opens', (_what, label, hex) => {
    const { parts } = openPacket(fromHex(hex), { ...seal, label });

    expect(parts.map(toHex)).toEqual([minimalPingHex]);
  });

  test.each([
    [
      'version 1',
      '',
      '0a0000003101a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56afeb14c56827b7e30522a04c099f71f01ebc992963137fd5030f7abfb8',
    ],
    [
      'version 0',
      '',
      '0a0000003d00a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56afeb14c56827b7e30522a04c098f1b31a3291c7d974e8183a436896a88d3eccf3d01eae1888ff2dc91',
    ],
    [
      'version 1, labelled',
      'lab1',
      'f4046c6162310a0000003101a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56afeb14c56827b7e30522a04c09934e45cd815641d922082edbdbe1d9ca',
    ],
    [
      'version 0, labelled',
      'lab1',
      'f4046c6162310a0000003d00a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56afeb14c56827b7e30522a04c098f1b31a3291c7d974e8183a43ab6df5bee23a787309d1a505b69bae3',
    ],
  ])('a stream of %s opens', (_what, label, hex) => {
    const message = new StreamDecoder({ ...seal, label }, 'accepting').push(fromHex(hex));

    expect(message).toEqual({ type: 'ping', ping: minimalPing });
  });

  test('a captured stream holds the push/pull of example 29', () => {
    const hex =
      '0a000000ff01b93e7bbceb8046c02a59a4db12f50fc1a921ed5ce0c2bf668676ac02bdbb00a528b005e5dc736c968853ef8abb21d8fa406cc8a5d7e12f5fa2bcd7080715c4254a09622999307665264e22f0c14a0025269e26555f5bbace8118fc877735e875f7c03609b16bf8a0d68f6c12294f388c26c3bb065f3708ac3fab66bfd9f20771f5266dd72c6c4026ba5302e1524825129619fa48e97e80281c0aea9ad34bcc1865de0c1867080ee946c296122346841086aeb6c24007eb89e1525b37756a7e2432c732242403887955b61799195f333f07283c71e041a8d6665f441c88777552c9914b28cfbb1b086a1cd1b2cd4f2f227c26bc31422024ab30d2b3cec0ce';

    const message = new StreamDecoder(seal, 'accepting').push(fromHex(hex));

    expect(message).toMatchObject({
      type: 'pushPull',
      state: { join: true, nodes: [{ name: 'beta', port: 27947, state: 'alive' }] },
    });
    const { userState } = (message as { state: { userState: Uint8Array } }).state;
    expect(userState).toHaveLength(588);
    expect(decodeSerfMessage(userState)).toMatchObject({ type: 'state', eventLTime: 1 });
  });

  test('a captured packet opens to example 14', () => {
    const hex =
      '01a3802ec55f707a70875317887d5b3a176cf81704c28317850564a7d0292b765e8ebd8f24783dd26213dc93c2373f1f0ac1d8016bc8';

    expect(openPacket(fromHex(hex), seal).parts.map(toHex)).toEqual([
      '080182a54c54696d6501a44e6f6465a462657461',
    ]);
  });
});

describe("messages of Serf's layer", () => {
  test.each([
    ['join intent', '08 01 82  a5 4c54696d65 01  a4 4e6f6465 a4 62657461'],
    ['leave intent', '08 00 83 a5 4c54696d65 02 a4 4e6f6465 a4 62657461 a5 5072756e65 c2'],
    [
      'force-leave with prune',
      '08 00 83 a5 4c54696d65 37 a4 4e6f6465 a5 67616d6d61 a5 5072756e65 c3',
    ],
    [
      'user event',
      '08 03 84 a2 4343 c3 a5 4c54696d65 01 a4 4e616d65 a6 6465706c6f79 a7 5061796c6f6164 a2 7631',
    ],
    [
      'user event without payload',
      '08 03 84 a2 4343 c2 a5 4c54696d65 02 a4 4e616d65 a5 6e6f706179 a7 5061796c6f6164 c0',
    ],
    [
      'ack',
      '08 05 85 a5 466c616773 01 a4 46726f6d a4 62657461 a2 4944 ce 293d0b43 a5 4c54696d65 01 a7 5061796c6f6164 c0',
    ],
    [
      'response',
      '08 05 85 a5 466c616773 00 a4 46726f6d a4 62657461 a2 4944 ce 293d0b43 a5 4c54696d65 01 a7 5061796c6f6164 a4 7570350a',
    ],
    [
      'conflict response',
      `08 06 8b a4 41646472 a4 7f000001 ab 44656c6567617465437572 05 ab 44656c65676174654d6178 05 ab 44656c65676174654d696e 02
      a4 4e616d65 a4 62657461 a4 506f7274 cd 6cfe ab 50726f746f636f6c437572 02 ab 50726f746f636f6c4d6178 05
      ab 50726f746f636f6c4d696e 01 a6 537461747573 01 a4 54616773 81 a4 726f6c65 a2 6462`,
    ],
    ['conflict response of one who knows nothing', '08 06 c0'],
    ['key request', '08 07 81 a3 4b6579 a0'],
    ['key request with a key', `08 07 81 a3 4b6579 da 0020 ${'5a'.repeat(32)}`],
    [
      'key response',
      `08 08 84 a4 4b657973 91 da 002c ${'41'.repeat(44)} a7 4d657373616765 a0 aa 5072696d6172794b6579 da 002c ${'41'.repeat(44)} a6 526573756c74 c3`,
    ],
    [
      'key response without keys',
      '08 08 84 a4 4b657973 c0 a7 4d657373616765 a0 aa 5072696d6172794b6579 a0 a6 526573756c74 c3',
    ],
    [
      'state of a fresh node',
      `08 02 86 aa 4576656e744c54696d65 01 a6 4576656e7473 dc 0200 ${'c0'.repeat(512)} a5 4c54696d65 01
      ab 4c6566744d656d62657273 90 aa 51756572794c54696d65 01 ac 5374617475734c54696d6573 81 a5 616c706861 00`,
    ],
    [
      'state with events',
      `08 02 86 aa 4576656e744c54696d65 2e a6 4576656e7473 91 82 a6 4576656e7473 92
      82 a4 4e616d65 a4 74657374 a7 5061796c6f6164 c0 82 a4 4e616d65 a2 7432 a7 5061796c6f6164 a2 7a7a
      a5 4c54696d65 2d a5 4c54696d65 01 ab 4c6566744d656d62657273 90 aa 51756572794c54696d65 01
      ac 5374617475734c54696d6573 80`,
    ],
  ])('%s comes out as it went in', (_what, hex) => {
    expect(rewrittenSerf(hex)).toBe(compact(hex));
  });

  const query = (timeout: string) => `08 04 8b a4 41646472 a4 7f000001 a7 46696c74657273 c0
    a5 466c616773 01 a2 4944 ce 293d0b43 a5 4c54696d65 01 a4 4e616d65 a6 757074696d65
    a7 5061796c6f6164 a5 68656c6c6f a4 506f7274 cd 6cfd ab 52656c6179466163746f72 00
    aa 536f757263654e6f6465 a5 616c706861 a7 54696d656f7574 ${timeout}`;

  test('a query gets the signed width for its timeout', () => {
    expect(rewrittenSerf(query('ce 77359400'))).toBe(compact(query('d2 77359400')));
    expect(rewrittenSerf(query('cf 00000000bebc2000'))).toBe(compact(query('d3 00000000bebc2000')));
  });

  test('a relay gets the signed width for its port', () => {
    const relay = (port: string) => `08 09 82 a8 4465737441646472 83 a2 4950 a4 7f000001 a4 506f7274
      ${port} 6cfd a4 5a6f6e65 a0 a8 446573744e616d65 a5 616c706861
      05 85 a5 466c616773 00 a4 46726f6d a4 62657461 a2 4944 ce 13456eef a5 4c54696d65 01
      a7 5061796c6f6164 a3 6f6b0a`;

    expect(rewrittenSerf(relay('cd'))).toBe(compact(relay('d1')));
  });

  test('filters', () => {
    const node = { type: 'node', nodes: ['beta'] } as const;
    const tag = { type: 'tag', tag: 'role', expression: '^w' } as const;

    expect(toHex(encodeFilter(node))).toBe('0091a462657461');
    expect(toHex(encodeFilter(tag))).toBe('0182a445787072a25e77a3546167a4726f6c65');
    expect([node, tag].map((filter) => decodeFilter(encodeFilter(filter)))).toEqual([node, tag]);
  });

  test('the compact state that Serf takes is read', () => {
    const hex = `0286 a54c54696d652a ac5374617475734c54696d657382a466616b6514a3666f6f0f
      ab4c6566744d656d6265727391a3666f6f aa4576656e744c54696d6532 a64576656e747391
      82a54c54696d652da64576656e747392 82a44e616d65a474657374a75061796c6f6164c0
      82a44e616d65a27432a75061796c6f6164a27a7a aa51756572794c54696d6564`;

    expect(decodeSerfMessage(fromHex(hex))).toEqual({
      type: 'state',
      ltime: 42,
      eventLTime: 50,
      queryLTime: 100,
      statusLTimes: new Map([
        ['fake', 20],
        ['foo', 15],
      ]),
      leftMembers: ['foo'],
      events: [
        {
          ltime: 45,
          events: [
            { name: 'test', payload: undefined },
            { name: 't2', payload: fromHex('7a7a') },
          ],
        },
      ],
    });
  });

  test('tags', () => {
    const hex = 'ff82a26463a465617374a4726f6c65a3776562';

    expect(toHex(encodeTags({ dc: 'east', role: 'web' }, 5))).toBe(hex);
    expect(toHex(encodeTags({ role: 'web', dc: 'east' }, 5))).toBe(hex);
    expect(toHex(encodeTags({}, 3))).toBe('ff80');
  });
});
