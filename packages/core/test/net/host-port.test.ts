import { expect, test } from 'vitest';
import { resolvePort } from '../../src/net/host-port.js';

test.each([
  ['', 'tcp', 0],
  ['7373', 'tcp', 7_373],
  ['+80', 'udp', 80],
  ['http', 'tcp', 80],
  ['HTTP', 'tcp', 80],
  ['domain', 'udp', 53],
] as const)('the port %j of %s is %d', async (text, network, port) => {
  expect(await resolvePort(text, network)).toBe(port);
});

test.each([
  ['65536', 'tcp', 'address 65536: invalid port'],
  ['-1', 'udp', 'address -1: invalid port'],
  ['nosuch', 'tcp', 'lookup tcp/nosuch: unknown port'],
  ['smtp', 'udp', 'lookup udp/smtp: unknown port'],
] as const)('%j is no port of %s', async (text, network, reason) => {
  await expect(resolvePort(text, network)).rejects.toThrow(reason);
});
