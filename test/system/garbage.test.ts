import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Agent, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll } from '../harness/processes.ts';

afterEach(endAll);

const datagrams = 200_000;
const streams = 200;

test('200,000 garbage datagrams and 200 garbage streams change nothing', async () => {
  const target = await Agent.start(tserf, { node: 'target', tags: { role: 'web' } });
  const peer = await Agent.start(tserf, { node: 'peer', flags: [`-join=${target.gossip}`] });
  await eventually(
    async () => expect(await target.statuses()).toEqual({ peer: 'alive', target: 'alive' }),
    {
      withinMs: 10_000,
    },
  );
  const before = { target: await target.members(), peer: await peer.members() };
  const memoryBefore = target.residentMiB();

  await sendDatagrams(target);
  for (let index = 0; index < streams; index += 10) {
    await Promise.all(Array.from({ length: 10 }, () => sendStream(target)));
  }

  expect(target.process.alive).toBe(true);
  expect(await target.members()).toEqual(before.target);
  expect(await peer.members()).toEqual(before.peer);
  // What was only in flight is collected in a while.
  await eventually(() => expect(target.residentMiB() - memoryBefore).toBeLessThan(50), {
    withinMs: 30_000,
  });
});

/** Random bytes, half of them behind a first byte that means something: type bytes reach the decoders. */
async function sendDatagrams(target: Agent): Promise<void> {
  const port = Number(target.gossip.split(':')[1]);
  const socket = createSocket('udp4');
  for (let sent = 0; sent < datagrams; sent += 1) {
    const packet = randomBytes(randomInt(1, 200));
    if (sent % 2 === 0) packet[0] = randomInt(0, 14);
    const done = new Promise<void>((resolve) =>
      socket.send(packet, port, '127.0.0.1', () => resolve()),
    );
    // Every so often wait: what the kernel drops does not test the agent.
    if (sent % 64 === 0) await done;
  }
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

async function sendStream(target: Agent): Promise<void> {
  const socket = connect(Number(target.gossip.split(':')[1]), '127.0.0.1');
  socket.on('error', () => {});
  const bytes = randomBytes(randomInt(1, 5_000));
  bytes[0] = randomInt(0, 16) < 14 ? randomInt(0, 14) : 244;
  socket.end(bytes);
  // A stream that promises more than it brings is ended by the agent's own deadline; we need not wait for it.
  await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 500))]);
  socket.destroy();
}
