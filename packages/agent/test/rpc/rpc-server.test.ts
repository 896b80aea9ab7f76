import { connect } from 'node:net';
import { Client } from '@tserf/client';
import { expect, test } from 'vitest';
import { RpcServer } from '../../src/rpc/rpc-server.js';
import { FakeHost, startServer } from './fake-host.js';

const start = (address: string) => RpcServer.start({ address }, new FakeHost(), () => {});

test.each([
  ['127.0.0.1', 'listen tcp: address 127.0.0.1: missing port in address'],
  ['192.0.2.77:http', 'listen tcp 192.0.2.77:80: bind: cannot assign requested address'],
  ['127.0.0.1:nosuch', 'listen tcp: lookup tcp/nosuch: unknown port'],
  ['127.0.0.1:99999', 'listen tcp: address 99999: invalid port'],
  ['192.0.2.77:0', 'listen tcp 192.0.2.77:0: bind: cannot assign requested address'],
  ['no.such.invalid:0', 'listen tcp: lookup no.such.invalid: no such host'],
])('%s cannot be listened on, in Go’s words', async (address, message) => {
  await expect(start(address)).rejects.toMatchObject({ code: 'LISTEN_FAILED', message });
});

test('an address that is taken says so', async () => {
  await using rpc = await startServer();

  await expect(start(rpc.address)).rejects.toThrow(
    `listen tcp ${rpc.address}: bind: address already in use`,
  );
});

test('a name is listened on by its address, and no host is every address', async () => {
  await using byName = await start('localhost:0');
  expect(byName.address.host).toBe('127.0.0.1');

  await using everywhere = await start(':0');
  await using client = await Client.connect({ address: `127.0.0.1:${everywhere.address.port}` });
  expect(await client.members()).toHaveLength(2);
});

test('a client of a listener for both families is logged as the IPv4 one it is', async () => {
  const lines: string[] = [];
  await using rpc = await RpcServer.start({ address: ':0' }, new FakeHost(), (_level, text) =>
    lines.push(text),
  );
  await using _ = await Client.connect({ address: `127.0.0.1:${rpc.address.port}` });

  expect(lines[0]).toMatch(/^agent\.ipc: Accepted client: 127\.0\.0\.1:\d+$/);
});

test('beyond its limit of clients it turns others away, and says so once', async () => {
  await using rpc = await startServer({ maxConnections: 2 });
  await using first = await Client.connect(rpc);
  const second = await Client.connect(rpc);

  for (let attempt = 0; attempt < 3; attempt++) {
    await expect(Client.connect(rpc)).rejects.toThrow('client closed');
  }
  const refused = () => rpc.lines.filter((line) => line.includes('Failed to accept'));
  expect(refused()).toEqual([
    expect.stringMatching(/Failed to accept client: 127\.0\.0\.1:\d+: 2 clients are connected/),
  ]);

  await second.close();
  await first.members();
  await using _ = await Client.connect(rpc);
  expect(refused().at(-1)).toContain('3 clients were turned away');
});

test('closing ends every connection and frees the port; closing twice is harmless', async () => {
  const rpc = await startServer();
  const client = await Client.connect(rpc);
  const idle = connect(rpc.port, '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));

  await Promise.all([rpc.server.close(), rpc.server.close()]);

  await expect(client.members()).rejects.toThrow('client closed');
  await using again = await start(rpc.address);
  expect(again.address.port).toBe(rpc.port);
  idle.destroy();
});

test('a client that reads nothing does not hold up the end', async () => {
  const host = new FakeHost();
  host.list = Array.from({ length: 200 }, () => host.list).flat();
  const rpc = await startServer({}, host);
  const socket = connect(rpc.port, '127.0.0.1').on('error', () => {});
  socket.pause();
  const handshake = '82a7436f6d6d616e64a968616e647368616b65a35365710081a756657273696f6e01';
  const members = '82a7436f6d6d616e64a76d656d62657273a353657101';
  socket.write(Buffer.from(handshake + members.repeat(1_000), 'hex'));
  await expect.poll(() => rpc.lines.length).toBe(1);

  await rpc.server.close();

  socket.destroy();
});
