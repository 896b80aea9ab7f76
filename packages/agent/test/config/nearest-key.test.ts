import { expect, test } from 'vitest';
import { nearestKey } from '../../src/config/nearest-key.js';
import { settingsSchema } from '../../src/config/settings-schema.js';

const known = Object.keys(settingsSchema.shape);

test.each([
  ['node-name', 'node_name'],
  ['nodename', 'node_name'],
  ['taggs', 'tags'],
  ['bnid', 'bind'],
  ['start_joins', 'start_join'],
  ['rpc_adr', 'rpc_addr'],
  ['encrypt', 'encrypt_key'],
  ['iface', 'interface'],
  ['retry-max', 'retry_max_attempts'],
  ['profil', 'profile'],
  ['reconect_timout', 'reconnect_timeout'],
  ['zzz', undefined],
  ['x', undefined],
  ['', undefined],
  ['a'.repeat(100_000), undefined],
])('%s may mean %s', (key, meant) => {
  expect(nearestKey(key, known)).toBe(meant);
});
