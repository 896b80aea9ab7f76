import { describe, expect, test } from 'vitest';
import { AllowedNetworks, networkProblem } from '../../src/swim/allowed-networks.js';
import { addressBytes } from '../../src/wire/endpoint.js';

const at = (host: string) => addressBytes(host, 'short');

test('no networks allow everything', () => {
  const networks = new AllowedNetworks([]);

  expect(networks.allowsAll).toBe(true);
  expect(networks.allows(at('8.8.8.8'))).toBe(true);
  expect(networks.allowsHost('not an address')).toBe(true);
});

describe('a list of networks', () => {
  const networks = new AllowedNetworks(['10.1.0.0/16', '192.168.7.128/25', 'fd00::/8']);

  test.each(['10.1.0.1', '10.1.255.255', '192.168.7.128', '192.168.7.255', 'fd12::1'])(
    'lets %s in',
    (host) => {
      expect(networks.allows(at(host))).toBe(true);
      expect(networks.allowsHost(host)).toBe(true);
    },
  );

  test.each(['10.2.0.1', '192.168.7.127', 'fe80::1', '11.1.0.1'])('keeps %s out', (host) => {
    expect(networks.allows(at(host))).toBe(false);
    expect(networks.allowsHost(host)).toBe(false);
  });

  test('knows an IPv4 address in its 16-byte form', () => {
    expect(networks.allows(addressBytes('10.1.2.3', 'mapped'))).toBe(true);
  });

  test('keeps out what is no address', () => {
    expect(networks.allowsHost('example.org')).toBe(false);
    expect(networks.allows(new Uint8Array(5))).toBe(false);
  });
});

test('a network of all addresses of one family leaves the other out', () => {
  const networks = new AllowedNetworks(['0.0.0.0/0']);

  expect(networks.allows(at('203.0.113.9'))).toBe(true);
  expect(networks.allows(at('2001:db8::1'))).toBe(false);
});

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', 'nonsense/8', '::1/129', '10.0.0.0/-1'])(
  '"%s" is refused with a sentence that names it',
  (text) => {
    expect(networkProblem(text)).toContain(text);
    expect(() => new AllowedNetworks([text])).toThrow(RangeError);
  },
);
