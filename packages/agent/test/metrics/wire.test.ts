import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { expect, test, vi } from 'vitest';
import { dialUdp } from '../../src/metrics/wire.js';

vi.mock('node:dns/promises', () => ({ lookup: async () => ({ address: '::1', family: 6 }) }));

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

test.runIf(hasIPv6)('a name that has an IPv6 address only is reached', async () => {
  const server = createSocket('udp6').bind(0, '::1');
  await once(server, 'listening');
  const message = once(server, 'message');
  const wire = await dialUdp('statsd.example', server.address().port);
  try {
    wire.write(['a:1|c\n']);

    expect(String((await message)[0])).toBe('a:1|c\n');
  } finally {
    wire.close();
    server.close();
  }
});
