import { expect, test } from 'vitest';
import { formatHostPort } from '../../src/format/address.js';

const ipv6 = (text: string) =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

test.each([
  [Uint8Array.of(127, 0, 0, 1), '127.0.0.1:7946'],
  [ipv6('00000000000000000000ffff0a000005'), '10.0.0.5:7946'],
  [ipv6('00000000000000000000000000000001'), '[::1]:7946'],
  [ipv6('00000000000000000000000000000000'), '[::]:7946'],
  [ipv6('20010db8000000010000000000000001'), '[2001:db8:0:1::1]:7946'],
  [ipv6('20010db8000100010001000100010000'), '[2001:db8:1:1:1:1:1:0]:7946'],
  [ipv6('fe800000000000000000000000000000'), '[fe80::]:7946'],
  [new Uint8Array(), ':7946'],
  [Uint8Array.of(1, 0x2f), '?012f:7946'],
])('%j is %s', (bytes, text) => {
  expect(formatHostPort(bytes, 7946)).toBe(text);
});
