import { expect, test } from 'vitest';
import { isHostName } from '../../src/net/host-name.js';
import { canonicalIp, sourceHost } from '../../src/net/ip.js';
import { networksOf } from '../../src/net/networks.js';

test('a network includes its addresses, of its family only', () => {
  const networks = networksOf(['10.1.0.0/16', 'fd00::/8', '192.168.1.7']);

  for (const host of ['10.1.0.0', '10.1.255.255', 'fdff::1', '192.168.1.7']) {
    expect(networks.includes(host)).toBe(true);
  }
  for (const host of ['10.2.0.0', 'fe80::1', '192.168.1.8', '::1', 'no address', '']) {
    expect(networks.includes(host)).toBe(false);
  }
});

test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'x', '10.0.0.0/', '10.0.0.0/a', ''])(
  '%j is no network',
  (text) => {
    expect(() => networksOf([text])).toThrow(`invalid CIDR address: ${text}`);
  },
);

test.each([
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['10.0.0.1', '10.0.0.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::1', '::1'],
])('a source %s is known as %s', (address, host) => {
  expect(sourceHost(address)).toBe(host);
});

test.each([
  ['0:0:0:0:0:0:0:1', '::1'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['FD00::A', 'fd00::a'],
  ['fe80::1%lo', 'fe80::1'],
  ['127.1', undefined],
  ['localhost', undefined],
  ['', undefined],
])('the literal %j has the form %j', (text, host) => {
  expect(canonicalIp(text)).toBe(host);
});

test.each(['localhost', 'a.b.c', 'a.b.', 'x_y', 'a-b.example', '1.example', '_srv.x'])(
  '%j can be a host',
  (text) => expect(isHostName(text)).toBe(true),
);

test.each([
  '',
  '.',
  ' a',
  'a b',
  'a/b',
  'a..b',
  '-a',
  'a-',
  '127.1',
  '1.2.3.4.5',
  '0x7f.1',
  'a.0x1',
  '1:2:3',
  '%',
  `${'a'.repeat(64)}.b`,
])('%j cannot', (text) => expect(isHostName(text)).toBe(false));
