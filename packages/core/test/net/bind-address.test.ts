import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { interfaceBindAddress, resolveBindAddress } from '../../src/net/bind-address.js';
import { AddressError } from '../../src/net/host-port.js';

// As recorded from `serf agent -bind …` (v0.11.0).
test.each([
  ['127.0.0.1', '127.0.0.1', 7946],
  ['127.0.0.1:9000', '127.0.0.1', 9000],
  ['127.0.0.1:', '127.0.0.1', 0],
  ['127.0.0.1:+80', '127.0.0.1', 80],
  ['127.0.0.1:00032007', '127.0.0.1', 32007],
  ['[::1]', '::1', 7946],
  ['[::1]:9000', '::1', 9000],
  ['[::]:32005', '::', 32005],
  ['[0:0:0:0:0:0:0:1]:1', '::1', 1],
  ['[::ffff:127.0.0.1]:32000', '127.0.0.1', 32000],
  ['[fe80::1%lo]:32003', 'fe80::1', 32003],
  ['localhost:32004', '127.0.0.1', 32004],
  ['[localhost]:32004', '127.0.0.1', 32004],
  ['[127.0.0.1]:32008', '127.0.0.1', 32008],
  ['127.0.0.1:http', '127.0.0.1', 80],
  ['127.0.0.1:HTTP', '127.0.0.1', 80],
  [':32004', '', 32004],
  ['[]', '', 7946],
  ['[]:32002', '', 32002],
])('%j is bound at %j, port %j', async (text, host, port) => {
  expect(await resolveBindAddress(text)).toEqual({ host, port });
});

test.each([
  ['::1', 'address ::1: too many colons in address'],
  ['a:b:c', 'address a:b:c: too many colons in address'],
  ['1.2.3.4.5', 'lookup 1.2.3.4.5: no such host'],
  ['foo bar:1', 'lookup foo bar: no such host'],
  ['127.0.0.1:99999', 'address 99999: invalid port'],
  ['127.0.0.1:-1', 'address -1: invalid port'],
  ['127.0.0.1:abc', 'lookup tcp/abc: unknown port'],
  ['127.0.0.1:0x10', 'lookup tcp/0x10: unknown port'],
  ['[::1', "address [::1: missing ']' in address"],
  ['[::1]x', 'address [::1]x:7946: missing port in address'],
  ['[::1]:1:2', 'address [::1]:1:2: too many colons in address'],
  ['x]:1', "address x]:1: unexpected ']' in address"],
  ['x[:1', "address x[:1: unexpected '[' in address"],
])('%j is refused, by name of the option', async (text, reason) => {
  await expect(resolveBindAddress(text, 'bind')).rejects.toThrow(
    new AddressError(`Invalid bind address: ${reason}`),
  );
  await expect(resolveBindAddress(text, 'advertise')).rejects.toThrow(
    `Invalid advertise address: ${reason}`,
  );
});

test.skipIf(!existsSync('/etc/services'))('a service of the system’s table is a port', async () => {
  expect(await resolveBindAddress('127.0.0.1:http-alt')).toEqual({ host: '127.0.0.1', port: 8080 });
});

const addresses = [
  { interface: 'lo', address: '127.0.0.1', prefixBits: 8 },
  { interface: 'lo', address: '::1', prefixBits: 128 },
  { interface: 'eth9', address: '169.254.1.1', prefixBits: 16 },
  { interface: 'eth9', address: 'fe80::1', prefixBits: 64 },
  { interface: 'eth9', address: '10.1.2.3', prefixBits: 24 },
  { interface: 'tun9', address: 'fe80::2', prefixBits: 64 },
];

test('an interface gives its first address that is not link-local where none is bound', () => {
  const bind = { host: '0.0.0.0', port: 7 };

  expect(interfaceBindAddress('eth9', bind, addresses)).toEqual({
    host: '10.1.2.3',
    port: 7,
    picked: true,
  });
});

test('a bound address has to be one of the interface’s', () => {
  const ofLo = { host: '::1', port: 7 };

  expect(interfaceBindAddress('lo', ofLo, addresses)).toEqual({ ...ofLo, picked: false });
  expect(() => interfaceBindAddress('lo', { host: '127.0.0.2', port: 7 }, addresses)).toThrow(
    "Interface 'lo' has no '127.0.0.2' address",
  );
  expect(() => interfaceBindAddress('lo', { host: '', port: 7 }, addresses)).toThrow(
    "Interface 'lo' has no '<nil>' address",
  );
});

test('an interface without a use says why', () => {
  const bind = { host: '0.0.0.0', port: 7 };

  expect(() => interfaceBindAddress('nope9', bind, addresses)).toThrow(
    'Invalid network interface: route ip+net: no such network interface',
  );
  expect(() => interfaceBindAddress('../lo', bind, addresses)).toThrow('no such network interface');
  expect(() => interfaceBindAddress('tun9', bind, addresses)).toThrow(
    "Failed to find usable address for interface 'tun9'",
  );
  expect(() => interfaceBindAddress('lo', bind, [])).toThrow("Interface 'lo' has no addresses");
});
