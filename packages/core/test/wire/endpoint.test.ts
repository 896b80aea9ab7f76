import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressBytes,
  addressText,
  endpointOf,
  formatEndpoint,
  isUnspecified,
  parseEndpoint,
  sameAddress,
} from '../../src/wire/endpoint.js';
import { fromHex, toHex } from './vectors.js';

const mapped = `${'00'.repeat(10)}ffff7f000001`;

describe('addresses as text', () => {
  test.each([
    ['7f000001', '127.0.0.1'],
    [mapped, '127.0.0.1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['2001000000000001000000000000abcd', '2001:0:0:1::abcd'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['0001000200030004000500060007dead', '1:2:3:4:5:6:7:dead'],
  ])('%s is %s', (hex, text) => {
    expect(addressText(fromHex(hex))).toBe(text);
  });

  test.each([
    ['127.0.0.1', 'short', '7f000001'],
    ['127.0.0.1', 'mapped', mapped],
    ['::ffff:127.0.0.1', 'short', '7f000001'],
    ['::ffff:7f00:1', 'mapped', mapped],
    ['::1', 'short', '00000000000000000000000000000001'],
    ['fe80::1%eth0', 'mapped', 'fe800000000000000000000000000001'],
    ['2001:DB8::', 'short', '20010db8000000000000000000000000'],
    ['1:2:3:4:5:6:1.2.3.4', 'short', '00010002000300040005000601020304'],
  ] as const)('%s in the %s form is %s', (text, form, hex) => {
    expect(toHex(addressBytes(text, form))).toBe(hex);
  });

  test('text and bytes belong together both ways', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const bytes = addressBytes(text, 'short');
        const canonical = addressText(bytes);

        expect(addressBytes(canonical, 'short')).toEqual(bytes);
        expect(isIPv4(canonical) || isIPv6(canonical)).toBe(true);
      }),
    );
  });

  test('whatever Node takes for an address is one, and nothing else', () => {
    const almost = fc.stringMatching(/^[0-9a-f:.]{0,20}$/);
    fc.assert(
      fc.property(fc.oneof(almost, fc.ipV6(), fc.ipV4Extended()), (text) => {
        const attempt = () => addressBytes(text, 'short');
        if (isIPv4(text) || isIPv6(text)) expect(attempt).not.toThrow();
        else expect(attempt).toThrow(RangeError);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('an address of another length leads nowhere', () => {
  expect(endpointOf(fromHex('7f000001'), 7946)).toEqual({ host: '127.0.0.1', port: 7946 });
  expect(endpointOf(fromHex(mapped), 7946)).toEqual({ host: '127.0.0.1', port: 7946 });
  for (const length of [0, 3, 5, 15, 17]) {
    expect(endpointOf(new Uint8Array(length), 7946)).toBeUndefined();
  }
});

test('endpoints read as people write them', () => {
  expect(formatEndpoint({ host: '127.0.0.1', port: 7946 })).toBe('127.0.0.1:7946');
  expect(formatEndpoint({ host: '::1', port: 7946 })).toBe('[::1]:7946');
});

test('the two forms of one address are the same', () => {
  expect(sameAddress(fromHex('7f000001'), fromHex(mapped))).toBe(true);
  expect(sameAddress(fromHex(mapped), fromHex(mapped))).toBe(true);
  expect(sameAddress(fromHex('7f000002'), fromHex(mapped))).toBe(false);
  expect(sameAddress(fromHex('7f000001'), addressBytes('::1', 'short'))).toBe(false);
});

test('unspecified addresses are known in every form', () => {
  for (const text of ['0.0.0.0', '::', '::ffff:0.0.0.0']) {
    expect(isUnspecified(addressBytes(text, 'short'))).toBe(true);
    expect(isUnspecified(addressBytes(text, 'mapped'))).toBe(true);
  }
  expect(isUnspecified(addressBytes('0.0.0.1', 'mapped'))).toBe(false);
  expect(isUnspecified(addressBytes('::1', 'short'))).toBe(false);
});

describe('endpoints as text', () => {
  test.each(['127.0.0.1:7946', '[::1]:7946', '[2001:db8::1]:1', '10.0.0.1:65535'])('%s', (text) => {
    const endpoint = parseEndpoint(text);

    expect(endpoint && formatEndpoint(endpoint)).toBe(text);
  });

  test.each([
    '',
    ':1',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '127.0.0.1:1a',
    '::1:7946',
    '[::1]',
    '[::1:7946',
    'host:7946',
    '256.0.0.1:1',
  ])('"%s" is none', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });
});
