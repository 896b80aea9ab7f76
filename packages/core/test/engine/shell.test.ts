import { expect, test } from 'vitest';
import { type Core, Shell, type ShellOptions } from '../../src/engine/shell.js';
import { ConnectionError } from '../../src/net/connection.js';
import { networksOf } from '../../src/net/networks.js';
import type { SerfInput } from '../../src/serf/input.js';
import type { SerfMember } from '../../src/serf/member.js';
import type { SerfOutput } from '../../src/serf/output.js';
import { encodeMessage } from '../../src/wire/message-codec.js';
import type { Ping } from '../../src/wire/messages.js';
import { openPacket, type PacketSeal, sealPacket } from '../../src/wire/packet.js';
import { FakeConnection, RecorderWorld, remote, settled } from './recorder-world.js';

const plain: PacketSeal = {
  compression: false,
  keyring: undefined,
  label: '',
  verifyIncoming: true,
  verifyOutgoing: true,
};

const ping: Ping = {
  type: 'ping',
  sequence: 7,
  node: 'me',
  sourceAddress: undefined,
  sourcePort: 0,
  sourceNode: '',
};

/** A core that notes what it is fed, and answers with what the test prepared. */
class FakeCore implements Core {
  readonly inputs: { input: SerfInput; nowMs: number }[] = [];
  readonly answers: SerfOutput[][] = [];

  handle(input: SerfInput, nowMs: number): SerfOutput[] {
    this.inputs.push({ input, nowMs });
    return this.answers.shift() ?? [];
  }
}

function setUp(options: Partial<ShellOptions> = {}) {
  const world = new RecorderWorld();
  const core = new FakeCore();
  const failures: unknown[] = [];
  const shell = new Shell(
    { node: 'me', streamTimeoutMs: 5_000, seal: plain, allowedSources: undefined, ...options },
    core,
    world,
    (error) => failures.push(error),
  );
  /** Lets the core ask for these outputs. */
  const perform = (...outputs: SerfOutput[]) => {
    core.answers.push(outputs);
    shell.feed({ type: 'start' });
  };
  return { world, core, shell, failures, perform };
}

test('each message of a packet is fed in its order, at the time of the packet', () => {
  const { shell, core } = setUp();
  const second = { ...ping, sequence: 8 };

  shell.receivePacket(sealPacket([ping, second].map(encodeMessage), true, plain), remote);

  expect(core.inputs).toEqual([
    { input: { type: 'message', message: ping, from: remote, via: 'packet' }, nowMs: 1_000 },
    { input: { type: 'message', message: second, from: remote, via: 'packet' }, nowMs: 1_000 },
  ]);
});

test('a bad message in a packet takes no other with it, and is counted', () => {
  const { shell, core, world } = setUp();
  const parts = [encodeMessage(ping), Uint8Array.of(99, 1), encodeMessage(ping)];

  shell.receivePacket(sealPacket(parts, false, plain), remote);

  expect(core.inputs).toHaveLength(2);
  expect(shell.counters.get('refused_packet_UNKNOWN_TYPE')).toBe(1);
  expect(world.lines).toEqual([
    expect.stringMatching(/^ERR memberlist: packet refused: .* from=10\.0\.0\.9:7946$/),
  ]);
});

test('a packet of another label or without encryption is counted, never fed', () => {
  const { shell, core } = setUp({ seal: { ...plain, label: 'mine' } });

  shell.receivePacket(sealPacket([encodeMessage(ping)], false, plain), remote);
  shell.receivePacket(
    sealPacket([encodeMessage(ping)], false, { ...plain, label: 'yours' }),
    remote,
  );
  shell.receivePacket(
    sealPacket([encodeMessage(ping)], false, { ...plain, label: 'mine' }),
    remote,
  );

  expect(core.inputs).toHaveLength(1);
  expect(shell.counters.get('refused_packet_WRONG_LABEL')).toBe(2);
});

test('what comes from outside the allowed networks is dropped unread', () => {
  const { shell, core } = setUp({ allowedSources: networksOf(['192.168.0.0/16']) });
  const connection = new FakeConnection();

  shell.receivePacket(encodeMessage(ping), remote);
  shell.receiveStream(connection);
  shell.receivePacket(encodeMessage(ping), { host: '192.168.0.1', port: 1 });

  expect(core.inputs).toHaveLength(1);
  expect(connection.ending).toBe('destroyed');
  expect(shell.counters.get('refused_source')).toBe(2);
});

test('a packet of the core goes out with what the seal puts on', () => {
  const seal = { ...plain, label: 'mine' };
  const { world, perform } = setUp({ seal });
  const part = encodeMessage(ping);

  perform({ type: 'packet', to: remote, parts: [part, part], checksum: true, probe: undefined });

  expect(world.packets).toHaveLength(1);
  expect(world.packets[0]?.to).toEqual(remote);
  expect(openPacket(world.packets[0]?.packet ?? part, seal).parts).toEqual([part, part]);
});

test('only a probe’s failed send comes back to the core', () => {
  const { world, core, perform } = setUp();
  const packet = {
    type: 'packet',
    to: remote,
    parts: [encodeMessage(ping)],
    checksum: false,
  } as const;
  world.sendFailure = Object.assign(new Error('no'), { code: 'ENETUNREACH' });

  perform({ ...packet, probe: undefined }, { ...packet, probe: 7 });

  expect(core.inputs.slice(1).map(({ input }) => input)).toEqual([
    { type: 'sendFailed', sequence: 7 },
  ]);
  expect(world.lines).toEqual([
    'ERR memberlist: Failed to send UDP ping to 10.0.0.9:7946: network is unreachable',
  ]);
});

test('a timer of the core comes back with the time at which it fired', () => {
  const { world, core, perform } = setUp();

  perform({ type: 'schedule', timer: { type: 'reapTick' }, atMs: 1_500 });
  world.now = 1_777;
  world.timers[0]?.run();

  expect(world.timers[0]?.atMs).toBe(1_500);
  expect(core.inputs[1]).toEqual({
    input: { type: 'timer', timer: { type: 'reapTick' } },
    nowMs: 1_777,
  });
});

test('an address that is a window on its datagram crosses the thread boundary alone', () => {
  const { world, perform } = setUp();
  const datagram = new Uint8Array(1_400).fill(9);
  const member: SerfMember = {
    name: 'a',
    address: datagram.subarray(10, 14),
    port: 1,
    endpoint: { host: '9.9.9.9', port: 1 },
    tags: {},
    status: 'alive',
    versions: {
      protocolMin: 1,
      protocolMax: 5,
      protocolCurrent: 2,
      delegateMin: 2,
      delegateMax: 5,
      delegateCurrent: 5,
    },
  };

  perform(
    { type: 'memberChanged', member },
    { type: 'event', event: { type: 'member-join', members: [member] } },
  );

  for (const notice of world.notices) {
    const told =
      notice.type === 'memberChanged'
        ? notice.member
        : notice.type === 'event'
          ? notice.event.members[0]
          : undefined;
    expect(told).toEqual(member);
    expect(told?.address.buffer.byteLength).toBe(4);
  }
  expect(world.notices).toHaveLength(2);
});

test('the end of a request is told with its error', () => {
  const { world, perform } = setUp();

  perform(
    { type: 'done', request: 3, error: undefined },
    { type: 'done', request: 4, error: 'Leave already in progress' },
  );

  expect(world.notices).toEqual([
    { type: 'done', request: 3, result: { type: 'ok' } },
    { type: 'done', request: 4, result: { type: 'error', message: 'Leave already in progress' } },
  ]);
});

test('a push/pull that nobody waits for says why it failed', async () => {
  const { world, failures, perform } = setUp();
  world.connection = new ConnectionError('dial tcp 10.0.0.9:7946: i/o timeout');

  perform(
    { type: 'pushPull', to: remote, node: 'n9', join: false },
    { type: 'pushPull', to: remote, node: 'n9', join: true },
  );
  await settled();

  expect(failures).toEqual([]);
  expect(world.dialled[0]).toEqual({ to: remote, timeoutMs: 5_000 });
  expect(world.lines).toEqual([
    'DEBUG memberlist: Initiating push/pull sync with: n9 10.0.0.9:7946',
    'ERR memberlist: Push/Pull with n9 failed: dial tcp 10.0.0.9:7946: i/o timeout',
    'DEBUG memberlist: failed to join 10.0.0.9:7946: dial tcp 10.0.0.9:7946: i/o timeout',
  ]);
});

test('an error of our own in background work is handed to the owner', async () => {
  const { world, failures, perform } = setUp();
  const bug = new TypeError('a bug');
  world.connection = bug;

  perform({ type: 'pushPull', to: remote, node: 'n9', join: false });
  await settled();

  expect(failures).toEqual([bug]);
});
