import { describe, expect, test } from 'vitest';
import { type AgentConfig, defaultConfig } from '../../src/config/agent-config.js';
import type { ConfigInUse } from '../../src/config/reload-config.js';
import type { Settings } from '../../src/config/settings-schema.js';
import { handlerConfig } from '../../src/handlers/handler-config.js';
import { changesBetween } from '../../src/reload/changes.js';

const inUse = (config: Partial<AgentConfig>, settings: Settings = {}): ConfigInUse => ({
  config: { ...defaultConfig, node: 'a', ...config },
  settings,
});
const handler = (name: string, concurrency = 1) =>
  handlerConfig({ name, script: 'x', on: 'user', concurrency });

describe('what is taken over is told in a line each', () => {
  test.each<[string, Partial<AgentConfig>, Partial<AgentConfig>, string[]]>([
    ['nothing', {}, {}, []],
    ['a level', {}, { logLevel: 'DEBUG' }, ['log_level: DEBUG (was INFO)']],
    ['a flag', {}, { leaveOnTerminate: true }, ['leave_on_terminate: true (was false)']],
    [
      'tags',
      { tags: { role: 'web', zone: '1', same: '' } },
      { tags: { role: 'db', same: '', new: 'a\nb' } },
      ['tags: role=db (was web)', 'tags: new=a\\nb', 'tags: zone removed'],
    ],
    [
      'handlers of Serf',
      { eventHandlers: ['user=a', 'b'] },
      { eventHandlers: ['b', 'c'] },
      ['event_handlers: c added', 'event_handlers: user=a removed'],
    ],
    [
      'the same handlers in another order',
      { eventHandlers: ['a', 'b'] },
      { eventHandlers: ['b', 'a'] },
      ['event_handlers: in another order, or another number of times'],
    ],
    [
      'handlers of tserf',
      { handlers: [handler('a'), handler('b')] },
      { handlers: [handler('b', 2), handler('c')] },
      ['handlers: c added', 'handlers: b changed', 'handlers: a removed'],
    ],
  ])('%s', (_, before, after, applied) => {
    expect(changesBetween(inUse(before), inUse(after))).toEqual({ applied, needRestart: [] });
  });
});

describe('what needs a restart is named', () => {
  test.each<[Partial<AgentConfig>, string[]]>([
    [{ profile: 'wan' }, ['profile']],
    [{ startJoin: ['x'], retryJoin: ['y'] }, ['start_join', 'retry_join']],
    [{ rpcAuth: 'x', encryptionKey: 'y' }, ['rpc_auth', 'encrypt_key']],
    [{ node: 'b', snapshotPath: '/x' }, ['node_name', 'snapshot_path']],
    [{ compression: false }, ['enable_compression']],
  ])('%j', (after, needRestart) => {
    expect(changesBetween(inUse({}), inUse(after))).toEqual({ applied: [], needRestart });
  });

  test('addresses by what was written for them', () => {
    const before = inUse({}, { bind: 'web-1', interface: '' });

    expect(changesBetween(before, inUse({}, { bind: 'web-1' })).needRestart).toEqual([]);
    expect(
      changesBetween(before, inUse({}, { bind: 'web-2', advertise: 'x', interface: 'lo' }))
        .needRestart,
    ).toEqual(['bind', 'advertise', 'interface']);
  });
});
