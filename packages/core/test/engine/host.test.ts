import { expect, test, vi } from 'vitest';
import { inlineHost, workerHost } from '../../src/engine/host.js';
import {
  type EngineCommand,
  type EngineNotice,
  type EngineOptions,
  shutdownRequest,
} from '../../src/engine/protocol.js';
import { EngineServer } from '../../src/engine/serve.js';

const options: EngineOptions = {
  node: 'a',
  bind: { host: '127.0.0.1', port: 0 },
  advertise: undefined,
  tags: {},
  protocol: 5,
  profile: 'local',
  swim: {},
  serf: {},
  keys: [],
  keyringFile: undefined,
  compression: true,
  label: '',
  allowedNetworks: [],
  seeds: [],
  snapshotFile: undefined,
  rejoinAfterLeave: false,
};

const patient = { timeout: 30_000, interval: 10 };

test('a thread that crashes is reported with its cause', async () => {
  const ended = vi.fn();
  const host = workerHost({ notices: () => undefined, ended });

  host.send(undefined as never); // no command at all: the thread falls over it
  await vi.waitFor(() => expect(ended).toHaveBeenCalled(), patient);

  expect(ended.mock.calls[0]?.[0]).toBeInstanceOf(TypeError);
  await host.stop();
}, 60_000);

test.each([
  ['a thread', workerHost],
  ['the same thread', inlineHost],
])(
  'an engine in %s that meets its own bug says so and ends',
  async (_where, makeHost) => {
    const notices: EngineNotice[] = [];
    const ended = vi.fn();
    const host = makeHost({ notices: (batch) => notices.push(...batch), ended });

    // Nothing that passes the door looks like this.
    host.send({ type: 'start', options: { ...options, allowedNetworks: undefined as never } });
    await vi.waitFor(() => expect(ended).toHaveBeenCalled(), patient);

    expect(notices.at(-1)).toMatchObject({
      type: 'died',
      stack: expect.stringContaining('TypeError'),
    });
    await host.stop();
  },
  15_000,
);

test('a busy application gets so many batches, and the rest when it has taken them', async () => {
  const batches: (readonly EngineNotice[])[] = [];
  const closed = vi.fn();
  const server = new EngineServer({ post: (batch) => batches.push(batch), close: closed });
  const send = async (command: EngineCommand) => {
    server.receive([command]);
    await new Promise((resolve) => setImmediate(resolve));
  };
  server.receive([{ type: 'start', options }]);
  await vi.waitFor(() => expect(batches.flat().at(-1)?.type).toBe('started'), patient);

  for (let request = 1; request <= 50; request += 1) await send({ type: 'stats', request });
  const answered = () => batches.flat().filter(({ type }) => type === 'done').length;
  expect(batches.length).toBe(8);
  expect(answered()).toBeLessThan(50);
  for (let taken = 0; taken < 8; taken += 1) await send({ type: 'received' });
  expect(answered()).toBe(50);

  await send({ type: 'shutdown', request: shutdownRequest });
  await vi.waitFor(() => expect(closed).toHaveBeenCalled(), patient);
});
