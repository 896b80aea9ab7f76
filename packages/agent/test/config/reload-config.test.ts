import { expect, test } from 'vitest';
import { defaultConfig } from '../../src/config/agent-config.js';
import type { Layer } from '../../src/config/layers.js';
import { reloadConfig } from '../../src/config/reload-config.js';
import type { Settings } from '../../src/config/settings-schema.js';

const inUse = {
  ...defaultConfig,
  node: 'a',
  logLevel: 'WARN' as const,
  bind: { host: '10.0.0.5', port: 7946 },
};

async function reload(file: Settings, flags: Settings = {}) {
  const at = { line: 1, column: 2 };
  const layers: Layer[] = [
    { settings: file, origin: () => ({ type: 'file', file: 'a.yaml', at }) },
    { settings: flags, origin: () => ({ type: 'flag', flag: 'x' }) },
  ];
  const notices: string[] = [];
  const { config } = await reloadConfig(layers, inUse, (line) => notices.push(line));
  return { config, notices };
}

test('everything is read again, the flags over the files, but no address is looked up', async () => {
  const { config, notices } = await reload(
    { log_level: 'debug', bind: 'nowhere.invalid', role: 'web', profile: 'wan' },
    { profile: 'local' },
  );

  expect(config).toMatchObject({
    logLevel: 'DEBUG',
    bind: inUse.bind,
    tags: { role: 'web' },
    profile: 'local',
  });
  expect(notices).toEqual(["Deprecation warning: 'Role' has been replaced with 'Tags'"]);
});

test('a wrong level is told and stays as it is; the rest goes on', async () => {
  const { config, notices } = await reload({ log_level: 'loud', leave_on_terminate: true });

  expect(config).toMatchObject({ logLevel: 'WARN', leaveOnTerminate: true });
  expect(notices).toEqual([
    'Invalid log level: LOUD. Valid log levels are: [TRACE DEBUG INFO WARN ERR] in a.yaml:1:2',
  ]);
});

test.each<[Settings, string]>([
  [{ profile: 'x' }, 'Unknown profile: x (choose lan, wan or local) in a.yaml:1:2'],
  [
    { event_handlers: ['foo=x'] },
    "Invalid event script: Event 'foo' invoking 'x' (an event is *, ",
  ],
  [{ interface: 'nope0' }, 'Invalid network interface: route ip+net: no such network interface'],
  [{ tags: { a: 'b' }, tags_file: 'x' }, 'Tags config not allowed while using tag files'],
  [
    { handlers: [{ script: 'x', on: 'user', where: { role: '[' } }] },
    "'handlers[0].where[role]': error parsing regexp: missing closing ]: `[` in a.yaml:1:2",
  ],
  [{ protocol: 9 }, "Protocol version '9' too high."],
])('%j refuses the whole', async (file, message) => {
  await expect(reload(file)).rejects.toThrow(message);
});
