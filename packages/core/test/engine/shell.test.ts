import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readKeyringFile } from '../../src/engine/keyring-file.js';
import { type Core, Shell, type ShellOptions } from '../../src/engine/shell.js';
import { ConnectionError } from '../../src/net/connection.js';
import { AddressError } from '../../src/net/host-port.js';
import { networksOf } from '../../src/net/networks.js';
import type { SerfInput } from '../../src/serf/input.js';
import type { SerfMember } from '../../src/serf/member.js';
import type { SerfOutput } from '../../src/serf/output.js';
import { Keyring } from '../../src/wire/keyring.js';
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
    {
      node: 'me',
      own: { host: '10.0.0.1', port: 7946 },
      streamTimeoutMs: 5_000,
      seal: plain,
      allowedSources: undefined,
      keyringFile: undefined,
      nameAt: () => undefined,
      ...options,
    },
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
        : notice.type === 'event' && 'members' in notice.event
          ? notice.event.members[0]
          : undefined;
    expect(told).toEqual(member);
    expect(told?.address.buffer.byteLength).toBe(4);
  }
  expect(world.notices).toHaveLength(2);
});

test('payloads cross the thread boundary alone, and deadlines in time of the wall clock', () => {
  const { world, perform } = setUp();
  const payload = new Uint8Array(1_400).fill(9).subarray(10, 14);
  const query = { type: 'query', query: 5, ltime: 2, id: 77, name: 'load', from: 'a' } as const;

  perform(
    { type: 'event', event: { type: 'user', ltime: 1, name: 'x', payload, coalesce: true } },
    { type: 'event', event: { ...query, payload, deadlineMs: 4_200 } },
    { type: 'queryStarted', request: 8, deadlineMs: 1_250 },
    { type: 'queryAck', request: 8, from: 'a' },
    { type: 'queryResponse', request: 8, from: 'a', payload },
    { type: 'queryDone', request: 8, acks: 1, responses: 1, early: true },
  );

  const own = Uint8Array.of(9, 9, 9, 9);
  expect(world.notices).toEqual([
    { type: 'event', event: { type: 'user', ltime: 1, name: 'x', payload: own, coalesce: true } },
    { type: 'event', event: { ...query, payload: own, deadline: 1_700_000_004_200 } },
    { type: 'queryStarted', request: 8, deadline: 1_700_000_001_250 },
    { type: 'queryAck', request: 8, from: 'a' },
    { type: 'queryResponse', request: 8, from: 'a', payload: own },
    { type: 'queryDone', request: 8, acks: 1, responses: 1, early: true },
  ]);
  for (const notice of world.notices) {
    const told = notice.type === 'event' ? notice.event : notice;
    if ('payload' in told) expect(told.payload?.buffer.byteLength).toBe(4);
  }
});

test('what came of a change of keys ends its request; a lost name is told', () => {
  const { world, perform } = setUp();
  const report = {
    numNodes: 2,
    numResponses: 2,
    numErrors: 1,
    messages: new Map([['b', 'no']]),
    keys: new Map<string, number>(),
    primaryKeys: new Map<string, number>(),
  };

  perform({ type: 'keysDone', request: 3, report }, { type: 'conflictLost' });

  expect(world.notices).toEqual([
    { type: 'done', request: 3, result: { type: 'keys', report } },
    { type: 'conflictLost' },
  ]);
});

test('changed keys seal and open from the next message on, and are written to the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tserf-shell-'));
  const [first, second] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
  const keyringFile = join(folder, 'keyring');
  const sealOf = (key: Uint8Array) => ({ ...plain, keyring: new Keyring([], key) });
  const { shell, core, world, perform } = setUp({ seal: sealOf(first), keyringFile });
  const message = encodeMessage(ping);
  const packet = { type: 'packet', to: remote, parts: [message], checksum: false } as const;

  shell.receivePacket(sealPacket([message], false, sealOf(second)), remote);
  expect(core.inputs).toHaveLength(0);
  perform(
    { type: 'keyringChanged', keys: [second, first], change: 4 },
    { ...packet, probe: undefined },
  );
  core.inputs.length = 0;
  for (const key of [first, second]) {
    shell.receivePacket(sealPacket([message], false, sealOf(key)), remote);
  }
  await vi.waitFor(() => expect(core.inputs).toHaveLength(3), 15_000);
  await shell.close();

  expect(core.inputs.map(({ input }) => input.type)).toEqual(['message', 'message', 'keyringKept']);
  expect(core.inputs[2]?.input).toEqual({ type: 'keyringKept', change: 4, error: undefined });
  expect(openPacket(world.packets[0]?.packet ?? message, sealOf(second)).parts).toEqual([message]);
  expect((await readKeyringFile(keyringFile)).keys).toEqual([second, first]);
  expect(shell.keyStats()).toEqual({ encryption_failures: '1', isolated: 'false' });
  await rm(folder, { recursive: true });
});

test('a node without keys says nothing about them', () => {
  expect(setUp().shell.keyStats()).toEqual({});
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

describe('a seed', () => {
  const address = 'seeds.example:7946';

  test('is looked up, and the core told where it leads', async () => {
    const { world, core, perform } = setUp();
    world.found = [remote];

    perform({ type: 'lookUp', address });
    await settled();

    expect(core.inputs.at(-1)?.input).toEqual({ type: 'seedFound', address, endpoints: [remote] });
  });

  test('that leads nowhere is told as such, with a line for who looks closer', async () => {
    const { world, core, failures, perform } = setUp();
    world.found = new AddressError('lookup seeds.example: no such host');

    perform({ type: 'lookUp', address });
    await settled();

    expect(core.inputs.at(-1)?.input).toEqual({ type: 'seedFound', address, endpoints: undefined });
    expect(world.lines).toEqual([
      'DEBUG memberlist: failed to resolve seeds.example:7946: lookup seeds.example: no such host',
    ]);
    expect(failures).toEqual([]);
  });

  test('at which nobody answers is not told as reached', async () => {
    const { world, core, failures, perform } = setUp();
    world.connection = new ConnectionError('dial tcp: connection refused');

    perform({ type: 'contact', address, to: remote, replay: true });
    await settled();

    expect(world.dialled).toEqual([{ to: remote, timeoutMs: 5_000 }]);
    expect(core.inputs.map(({ input }) => input.type)).not.toContain('seedReached');
    expect(failures).toEqual([]);
  });
});
