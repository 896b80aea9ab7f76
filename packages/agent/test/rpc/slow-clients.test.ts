import { Client } from '@tserf/client';
import { expect, test } from 'vitest';
import { ok, request, startServer, text } from './fake-host.js';

/** From here on, numbers have the same width. */
const firstNumber = 100_000;

const event = (number: number) => ({
  type: 'user' as const,
  ltime: firstNumber + number,
  name: 'flood',
  payload: new Uint8Array(4_000),
  coalesce: false,
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A client that asked for a stream and reads no more, and a flood of events. */
async function stuckClient(options: Parameters<typeof startServer>[0] = {}) {
  const rpc = await startServer(options);
  const client = await (await rpc.connect()).shakeHands();
  client.send(request('stream', 1), '80');
  await client.expect(ok(1));
  client.socket.pause();

  let sent = 0;
  /** Until there were so many, or until that was logged. Resolves to how many there were. */
  const floodUntil = async (end: number | string) => {
    const isOver = () =>
      typeof end === 'number' ? sent >= end : rpc.lines.some((line) => line.includes(end));
    while (!isOver()) {
      for (let burst = 0; burst < 200; burst++) rpc.host.emit(event(sent++));
      await settled();
    }
    return sent;
  };
  return { rpc, client, floodUntil };
}

test('a client that stops reading loses the newest events, in one counted line, and nobody else anything', async () => {
  const { rpc, client, floodUntil } = await stuckClient();
  await using _ = rpc;
  // The line is written when a second has passed without a loss: the flood has ended by then.
  const total = await floodUntil(20_000);
  await using other = await Client.connect(rpc);

  expect(await other.members()).toHaveLength(2);
  expect(client.socket.destroyed).toBe(false);
  await expect.poll(() => droppedIn(rpc.lines), { timeout: 10_000 }).toBeGreaterThan(0);
  const dropped = droppedIn(rpc.lines);
  expect(rpc.lines.filter((line) => line.includes('Dropping'))).toEqual([
    `[WARN] agent.ipc: Dropping event to ipc.client: 127.0.0.1:${client.socket.localPort} (${dropped} dropped)`,
  ]);

  // It reads again: what was kept comes whole and in order.
  client.socket.resume();
  for (let count = 0, last = -1; count < total - dropped; count++) {
    const number = numberIn(await client.read(recordBytes));
    expect(number).toBeGreaterThan(last);
    last = number;
  }
  client.send(request('stop', 2), `81${text('Stop')}01`);
  await client.expect(ok(2));
});

/** Up to the number, which has four bytes. */
const recordStart = `${ok(1)}85${text('Coalesce')}c2${text('Event')}${text('user')}${text('LTime')}ce`;
const recordEnd = `${text('Name')}${text('flood')}${text('Payload')}c50fa0${'00'.repeat(4_000)}`;
const recordBytes = (recordStart.length + 8 + recordEnd.length) / 2;

/** The number of an event, from a whole record. */
function numberIn(record: string): number {
  const number = record.slice(recordStart.length, recordStart.length + 8);
  expect(record).toBe(recordStart + number + recordEnd);
  return Number.parseInt(number, 16) - firstNumber;
}

function droppedIn(lines: readonly string[]): number {
  const counts = lines.map((line) => /\((\d+) dropped\)$/.exec(line)?.[1] ?? '0');
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

test('a client that takes no byte for too long is disconnected', async () => {
  const { rpc, client, floodUntil } = await stuckClient({ stallTimeoutMs: 200 });
  await using _ = rpc;

  // The kernel's buffers grow under load, and only when they are full does the client take nothing.
  await floodUntil('Closing');

  expect(rpc.lines.filter((line) => line.includes('Closing'))).toEqual([
    `[WARN] agent.ipc: Closing ipc.client: 127.0.0.1:${client.socket.localPort}: it read nothing for 0.2 s`,
  ]);
  await expect.poll(() => rpc.host.subscribers).toBe(0);
});

test('a client with nothing to read may be silent for ever', async () => {
  await using rpc = await startServer({ stallTimeoutMs: 20 });
  await using client = await Client.connect(rpc);

  await new Promise((resolve) => setTimeout(resolve, 100));

  expect(await client.members()).toHaveLength(2);
});

test('a monitor that stops reading loses lines, and its own warning starts no flood', async () => {
  await using rpc = await startServer();
  const client = await (await rpc.connect()).shakeHands();
  client.send(request('monitor', 1), `81${text('LogLevel')}${text('TRACE')}`);
  await client.expect(ok(1));
  client.socket.pause();

  const line = 'x'.repeat(8_000);
  for (let burst = 0; burst < 40; burst++) {
    for (let index = 0; index < 100; index++) rpc.host.log('INFO', line);
    await settled();
  }

  const warnings = () => rpc.lines.filter((entry) => entry.includes('Dropping logs'));
  await expect.poll(() => warnings().length, { timeout: 10_000 }).toBe(1);
  expect(warnings()[0]).toMatch(
    new RegExp(`to ipc\\.client: 127\\.0\\.0\\.1:${client.socket.localPort} \\(\\d+ dropped\\)$`),
  );
  // Nothing more is said while nothing more is lost.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(warnings()).toHaveLength(1);
});
