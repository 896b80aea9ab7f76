import { createSocket } from 'node:dgram';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { accepted, ConnectionError, Dialler } from '../../src/net/connection.js';
import { BindError, Transport } from '../../src/net/transport.js';
import type { Endpoint } from '../../src/wire/endpoint.js';

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

async function bind(host: string, port = 0): Promise<Transport> {
  const transport = await Transport.bind({ host, port });
  open.push(transport);
  return transport;
}

const ignore = { packet: () => undefined, stream: () => undefined, error: () => undefined };
const here = (port: number): Endpoint => ({ host: '127.0.0.1', port });

test('both protocols get one port, also when the system chooses it', async () => {
  const transport = await bind('127.0.0.1');

  await expect(Transport.bind(here(transport.port))).rejects.toThrow(/^.*failed to start TCP/);
  await transport.close();

  const again = await bind('127.0.0.1', transport.port);
  expect(again.port).toBe(transport.port);
});

test('a port that is free on TCP alone is given back', async () => {
  const udp = createSocket('udp4');
  const port = await new Promise<number>((resolve) =>
    udp.bind(0, '127.0.0.1', () => resolve(udp.address().port)),
  );

  const error: unknown = await Transport.bind(here(port)).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(BindError);
  expect(error).toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringContaining(
      `failed to start UDP listener on "127.0.0.1" port ${port}: listen udp 127.0.0.1:${port}: bind: address already in use`,
    ),
  });
  await new Promise<void>((resolve) => udp.close(() => resolve()));
  await bind('127.0.0.1', port);
});

test('an address of another machine cannot be bound', async () => {
  await expect(Transport.bind({ host: '192.0.2.77', port: 0 })).rejects.toThrow(
    /listen tcp 192\.0\.2\.77:0: bind: cannot assign requested address/,
  );
});

test('a dual-stack socket names IPv4 sources as such, and answers them', async () => {
  const everywhere = await bind('0.0.0.0');
  const single = await bind('127.0.0.1');
  const heard: [string, Endpoint][] = [];
  const hear = (who: string) => ({
    ...ignore,
    packet: (bytes: Uint8Array, from: Endpoint) =>
      heard.push([`${who} ${bytes[0]} ${bytes.constructor.name}`, from]),
  });
  everywhere.listen(hear('everywhere'));
  single.listen(hear('single'));

  single.udp.send(Uint8Array.of(1), here(everywhere.port));
  everywhere.udp.send(Uint8Array.of(2), here(single.port));
  await vi.waitFor(() => expect(heard).toHaveLength(2));

  expect(new Map(heard)).toEqual(
    new Map([
      ['everywhere 1 Uint8Array', here(single.port)],
      ['single 2 Uint8Array', here(everywhere.port)],
    ]),
  );
  expect(everywhere.udp.received).toBe(1);
});

test('a send that the system refuses is counted, and told to who asks', async () => {
  const { udp } = await bind('127.0.0.1');
  const failures: string[] = [];

  udp.send(Uint8Array.of(1), here(0), (error) => failures.push(error.name));
  udp.send(new Uint8Array(70_000), here(9), (error) => failures.push(error.name));
  udp.send(new Uint8Array(70_000), here(9));
  await vi.waitFor(() => expect(udp.sendErrors).toBe(3));

  expect(failures).toHaveLength(2);
});

/** A listener that hands each accepted stream to `serve`. */
async function serving(serve: (socket: Socket) => void): Promise<Endpoint> {
  const transport = await bind('127.0.0.1');
  transport.listen({ ...ignore, stream: serve });
  return here(transport.port);
}

test('a request is answered after the other side has ended its half', async () => {
  const server = await serving(async (socket) => {
    const connection = accepted(socket, 5_000);
    const request = await connection?.read();
    expect(request?.constructor).toBe(Uint8Array);
    expect(await connection?.read()).toBeUndefined();
    await connection?.write(request ?? Uint8Array.of());
    connection?.finish();
  });
  const client = connect(server.port, server.host);
  client.end(Uint8Array.of(1, 2, 3));

  const answer = await new Promise<Uint8Array>((resolve) => client.once('data', resolve));

  expect([...answer]).toEqual([1, 2, 3]);
  await new Promise((resolve) => client.once('close', resolve));
});

test('an answer arrives whole although the request goes on and on', async () => {
  const answer = new Uint8Array(300_000).fill(7);
  const server = await serving(async (socket) => {
    const connection = accepted(socket, 5_000);
    await connection?.read();
    await connection?.write(answer);
    connection?.finish();
  });
  const connection = await new Dialler().dial(server, 5_000);
  for (let sent = 0; sent < 20; sent += 1) await connection.write(new Uint8Array(10_000));

  let bytes = 0;
  for (let chunk = await connection.read(); chunk !== undefined; chunk = await connection.read()) {
    bytes += chunk.length;
  }

  expect(bytes).toBe(answer.length);
  connection.destroy();
});

test('a stream ends by its deadline, whatever happens on it', async () => {
  const server = await serving(() => undefined);
  const connection = await new Dialler().dial(server, 50);

  await expect(connection.read()).rejects.toThrow(
    new ConnectionError(`read tcp 127.0.0.1:${server.port}: i/o timeout`),
  );
});

test('what nobody takes is not written, by the deadline or when the dialler closes', async () => {
  const stubborn = createServer((socket) => socket.pause().on('error', () => undefined));
  const port = await new Promise<number>((resolve) =>
    stubborn.listen(0, '127.0.0.1', () => resolve((stubborn.address() as AddressInfo).port)),
  );
  const tooMuch = new Uint8Array(32 * 1_024 * 1_024);
  const dialler = new Dialler();

  const late = await dialler.dial(here(port), 300);
  await expect(late.write(tooMuch)).rejects.toThrow(/^write tcp .*: i\/o timeout$/);
  const cut = await dialler.dial(here(port), 60_000);
  const writing = expect(cut.write(tooMuch)).rejects.toThrow(
    /^write tcp .*: operation was canceled$/,
  );
  dialler.close();

  await writing;
  stubborn.close();
});

test('an accepted stream that stays silent ends by its deadline too', async () => {
  const server = await serving(async (socket) => {
    const connection = accepted(socket, 50);
    await expect(connection?.read()).rejects.toThrow(/i\/o timeout$/);
  });
  const client = connect(server.port, server.host);
  client.resume();

  await new Promise((resolve) => client.once('close', resolve));
});

test('a dial that nobody answers, and one to port 0, say so in Go’s words', async () => {
  const dialler = new Dialler();

  await expect(dialler.dial(here(1), 5_000)).rejects.toThrow(
    'dial tcp 127.0.0.1:1: connect: connection refused',
  );
  await expect(dialler.dial(here(0), 5_000)).rejects.toThrow(/^dial tcp 127\.0\.0\.1:0: connect: /);
});

test('a dialler that closes breaks off what it opened and what it is opening', async () => {
  const server = await serving((socket) => socket.resume());
  const dialler = new Dialler();
  const connection = await dialler.dial(server, 5_000);
  const opening = dialler.dial(server, 5_000);

  dialler.close();

  await expect(opening).rejects.toThrow(/operation was canceled$/);
  expect(await connection.read()).toBeUndefined();
});
