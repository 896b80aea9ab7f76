import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { type ClusterOptions, resolveOptions } from '../../src/cluster/cluster-options.js';

const key = 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=';

test('without options a node listens everywhere on Serf’s port, under the host’s name', async () => {
  expect(await resolveOptions({})).toEqual({
    node: hostname(),
    bind: { host: '0.0.0.0', port: 7946 },
    advertise: undefined,
    tags: {},
    protocol: 5,
    profile: 'lan',
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
  });
});

test('addresses, key and single values are resolved', async () => {
  const options = await resolveOptions({
    bind: 'localhost:0',
    advertise: '10.0.0.1',
    encryptionKey: key,
    profile: 'wan',
    swim: { gossipNodes: 5, probeIntervalMs: undefined as never },
    serf: { reapIntervalMs: 1 },
  });

  expect(options).toMatchObject({
    bind: { host: '127.0.0.1', port: 0 },
    advertise: { host: '10.0.0.1', port: 7946 },
    profile: 'wan',
    swim: { gossipNodes: 5 },
    serf: { reapIntervalMs: 1 },
  });
  expect(options.swim).not.toHaveProperty('probeIntervalMs');
  expect(options.keys[0]).toHaveLength(32);
});

test.each<[ClusterOptions | Record<string, unknown>, string, string | RegExp]>([
  [{ nod: 'a' }, 'BAD_OPTION', "unknown option 'nod'"],
  [{ seeds: '10.0.0.5' }, 'BAD_OPTION', 'seeds is no list but string'],
  [{ join: '10.0.0.5' }, 'BAD_OPTION', 'join is no list but string'],
  [{ node: 5 }, 'BAD_OPTION', 'node is no text but number'],
  [{ label: 5 }, 'BAD_OPTION', 'label is no text but number'],
  [{ compression: 'no' }, 'BAD_OPTION', 'compression: no is neither true nor false'],
  [{ protocol: 4.5 }, 'BAD_OPTION', 'protocol: 4.5 is no whole number'],
  [{ node: '' }, 'BAD_OPTION', /^node: /],
  [{ node: 'a\x07' }, 'BAD_OPTION', /^node: /],
  [{ bind: '::1' }, 'BAD_OPTION', 'Invalid bind address: address ::1: too many colons in address'],
  [{ advertise: 'x]:1' }, 'BAD_OPTION', /^Invalid advertise address: /],
  [{ tags: { a: 1 } }, 'BAD_OPTION', "tags: the value of 'a' is no text but number"],
  [
    { encryptionKey: 'abc' },
    'BAD_KEY',
    'Invalid encryption key: illegal base64 data at input byte 0',
  ],
  [
    { encryptionKey: key, keyringFile: 'x' },
    'BAD_OPTION',
    'Encryption key not allowed while using a keyring',
  ],
  [{ keyringFile: '/no/file' }, 'BAD_KEYRING_FILE', 'stat /no/file: no such file or directory'],
  [{ profile: 'moon' }, 'BAD_OPTION', 'Unknown profile: moon'],
  [{ profile: 'toString' }, 'BAD_OPTION', 'Unknown profile: toString'],
  [{ label: 'x'.repeat(256) }, 'BAD_OPTION', 'label: 256 bytes, at most 255 fit'],
  [{ allowedNetworks: ['10.0.0.0/99'] }, 'BAD_OPTION', /invalid CIDR address: 10\.0\.0\.0\/99/],
  [{ swim: { probeMs: 1 } }, 'BAD_OPTION', "unknown option of 'swim' 'probeMs'"],
  [
    { swim: { gossipNodes: Number.NaN } },
    'BAD_OPTION',
    'swim.gossipNodes: NaN is no number from 0 up',
  ],
  [
    { serf: { reapIntervalMs: -1 } },
    'BAD_OPTION',
    'serf.reapIntervalMs: -1 is no number from 0 up',
  ],
  [
    { serf: { disableCoordinates: 1 as unknown as boolean } },
    'BAD_OPTION',
    'serf.disableCoordinates: 1 is neither true nor false',
  ],
  [
    { swim: { probeTimeoutMs: 1_000 } },
    'BAD_OPTION',
    /^swim\.probeTimeoutMs: 1000 must be shorter than probeIntervalMs \(1000\)/,
  ],
])('%j is refused with %s', async (options, code, message) => {
  const error: unknown = await resolveOptions(options).catch((reason: unknown) => reason);

  expect(error).toMatchObject({ name: 'ClusterError', code });
  expect((error as Error).message).toMatch(message);
});
