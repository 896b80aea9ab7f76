import { describe, expect, test } from 'vitest';
import { AdvertiseError, chooseAdvertise } from '../../src/net/advertise.js';
import type { NetworkAddress } from '../../src/net/interfaces.js';

const on = (name: string, address: string, prefixBits: number): NetworkAddress => ({
  interface: name,
  address,
  prefixBits,
});

const everywhere = { host: '0.0.0.0', port: 7946 };

function choose(addresses: readonly NetworkAddress[], defaultInterface?: string) {
  return chooseAdvertise({
    bind: everywhere,
    boundPort: 7946,
    advertise: undefined,
    addresses,
    defaultInterface,
  });
}

describe('bound to every address', () => {
  test('the interface of the default route comes first', () => {
    const choice = choose([on('docker0', '172.17.0.1', 16), on('eth0', '10.0.0.5', 24)], 'eth0');

    expect(choice).toMatchObject({ host: '10.0.0.5', port: 7946 });
    expect(choice.reason).toBe(
      'private address of interface eth0, which holds the default route; ' +
        '-advertise would take another: 172.17.0.1 of docker0',
    );
  });

  test('the reason names what else there was to choose, but no endless list', () => {
    const bridges = Array.from({ length: 9 }, (_, index) =>
      on(`br${index}`, `172.17.${index}.1`, 24),
    );

    expect(choose([on('eth0', '10.0.0.5', 8)]).reason).toBe('private address of interface eth0');
    expect(choose([on('eth0', '10.0.0.5', 8), ...bridges]).reason).toBe(
      'private address of interface eth0; -advertise would take another: ' +
        '172.17.0.1 of br0, 172.17.1.1 of br1, 172.17.2.1 of br2 and 6 more',
    );
  });

  test('then IPv4, then the larger network', () => {
    const addresses = [on('a', 'fd00::2', 64), on('b', '192.168.1.2', 24), on('c', '10.0.0.2', 8)];

    expect(choose(addresses).host).toBe('10.0.0.2');
    expect(choose(addresses.slice(0, 2)).host).toBe('192.168.1.2');
    expect(choose(addresses.slice(0, 1)).host).toBe('fd00::2');
  });

  test('the address has 16 bytes, as Serf’s own choice has', () => {
    const { address } = choose([on('eth0', '10.0.0.5', 24)]);

    expect([...address]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 5]);
  });

  test.each([
    '127.0.0.1',
    '::1',
    '169.254.3.4',
    'fe80::1',
    '192.0.2.2',
    '198.51.100.7',
    '203.0.113.9',
    '2001:db8::1',
    '240.0.0.1',
    '8.8.8.8',
    '2a00:1450::1',
  ])('%s is never chosen', (address) => {
    expect(() => choose([on('eth0', address, 24)], 'eth0')).toThrow(AdvertiseError);
    expect(() => choose([on('eth0', address, 24)], 'eth0')).toThrow(/no private IP.*-advertise/);
  });

  test.each(['10.0.0.1', '172.31.0.1', '192.168.0.1', '100.64.0.1', '198.18.0.1', 'fd00::1'])(
    '%s is private',
    (address) => {
      expect(choose([on('eth0', address, 24)]).host).toBe(address);
    },
  );
});

test('a bound address is advertised, with the port that was bound, in its short form', () => {
  const choice = chooseAdvertise({
    bind: { host: '127.0.0.1', port: 0 },
    boundPort: 40_000,
    advertise: undefined,
    addresses: [],
    defaultInterface: undefined,
  });

  expect(choice).toMatchObject({ host: '127.0.0.1', port: 40_000 });
  expect([...choice.address]).toEqual([127, 0, 0, 1]);
});

test.each(['', '::'])('the bind address %j names nothing to dial', (host) => {
  const question = {
    bind: { host, port: 1 },
    boundPort: 1,
    advertise: undefined,
    addresses: [on('eth0', '10.0.0.1', 8)],
    defaultInterface: 'eth0',
  };

  expect(() => chooseAdvertise(question)).toThrow(/names no address.*-advertise/);
});

test('a configured address goes before all others, but never an unspecified one', () => {
  const question = (host: string, port: number, bindPort = 7946) => ({
    bind: { host: '0.0.0.0', port: bindPort },
    boundPort: 50_000,
    advertise: { host, port },
    addresses: [on('eth0', '10.0.0.1', 8)],
    defaultInterface: 'eth0',
  });

  expect(chooseAdvertise(question('8.8.8.8', 7))).toMatchObject({ host: '8.8.8.8', port: 7 });
  expect(chooseAdvertise(question('8.8.8.8', 7, 0))).toMatchObject({ port: 50_000 });
  expect(() => chooseAdvertise(question('0.0.0.0', 1))).toThrow(AdvertiseError);
  expect(() => chooseAdvertise(question('', 1))).toThrow(AdvertiseError);
});
