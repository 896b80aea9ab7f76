import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { flagOfKey } from '../../src/config/flag-names.js';
import { configJsonSchema } from '../../src/config/json-schema.js';
import { settingsSchema } from '../../src/config/settings-schema.js';

const published = new URL('../../tserf.schema.json', import.meta.url);

test('the published schema is the one of the code; else run: tserf config schema > packages/agent/tserf.schema.json', async () => {
  const text = await readFile(published, 'utf8');

  expect(text).toBe(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
});

test('every key says what it is for', () => {
  const { properties } = configJsonSchema() as {
    properties: Record<string, { description?: string }>;
  };

  expect(Object.keys(properties)).toEqual(Object.keys(settingsSchema.shape));
  for (const [key, { description }] of Object.entries(properties)) {
    expect(description, key).toMatch(/^[A-Z].*\.$/);
  }
});

test('every flag stands for a key that there is', () => {
  for (const key of flagOfKey.keys()) {
    expect(Object.keys(settingsSchema.shape)).toContain(key.split('.')[0]);
  }
});

describe('what an editor makes of a file', () => {
  const schema = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);

  test.each([
    [{}],
    [{ $schema: './tserf.schema.json', node_name: 'a' }],
    [{ tags: { version: 1.1, role: 'web', on: true }, retry_interval: '1m30s' }],
    [{ retry_interval: '', broadcast_timeout: '1.5h', reconnect_timeout: '-.5µs' }],
    [{ handlers: [{ script: 'x', on: ['user:deploy'], where: { zone: 1 }, timeout: '10s' }] }],
    [{ mdns: { interface: 'lo' }, protocol: 5, profile: 'wan' }],
  ])('%j is fine', (file) => {
    expect(schema.safeParse(file).error?.issues).toBeUndefined();
  });

  test.each([
    [{ nodename: 'a' }],
    [{ bind: 7946 }],
    [{ retry_interval: 30 }],
    [{ retry_interval: '30' }],
    [{ retry_interval: '3 h' }],
    [{ protocol: 4.5 }],
    [{ profile: 'LAN' }],
    [{ tags: { a: ['x'] } }],
    [{ handlers: [{ on: 'user' }] }],
    [{ mdns: { iface: 'lo' } }],
  ])('%j is marked', (file) => {
    expect(schema.safeParse(file).success).toBe(false);
  });
});
