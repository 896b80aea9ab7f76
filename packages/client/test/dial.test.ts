import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { dial } from '../src/dial.js';

test.each([
  ['foo', 'dial tcp: address foo: missing port in address'],
  ['', 'dial tcp: missing address'],
  ['99999', 'dial tcp: address 99999: missing port in address'],
  ['127.0.0.1:99999', 'dial tcp: address 99999: invalid port'],
  ['127.0.0.1:-1', 'dial tcp: address -1: invalid port'],
  ['127.0.0.1:1', 'dial tcp 127.0.0.1:1: connect: connection refused'],
  ['127.0.0.1:', 'dial tcp 127.0.0.1:0: connect: connection refused'],
  [':1', 'dial tcp :1: connect: connection refused'],
  ['localhost:1', /^dial tcp (127\.0\.0\.1|\[::1\]):1: connect: connection refused$/],
  ['::1:7373', 'dial tcp: address ::1:7373: too many colons in address'],
  ['[::1', "dial tcp: address [::1: missing ']' in address"],
  ['[::1]', 'dial tcp: address [::1]: missing port in address'],
  ['[::1]x:1', 'dial tcp: address [::1]x:1: missing port in address'],
  ['a[b]:1', "dial tcp: address a[b]:1: unexpected '[' in address"],
  ['127.61.0.9:http', 'dial tcp 127.61.0.9:80: connect: connection refused'],
  ['127.0.0.1:nosuch', 'dial tcp: lookup tcp/nosuch: unknown port'],
])('%j fails in Go’s words', async (address, message) => {
  await expect(dial(address, 5_000)).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

test('an address that answers gives a connection', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };

  const socket = await dial(`127.0.0.1:${port}`, 5_000);

  expect(socket.remotePort).toBe(port);
  socket.destroy();
  server.close();
});
