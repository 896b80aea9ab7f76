import { describe, expect, test } from 'vitest';
import { type Decoded, decodeSettings } from '../../src/config/decode-settings.js';
import { readJson } from '../../src/config/json-source.js';
import { readYaml } from '../../src/config/yaml-source.js';

const json = (text: string): Decoded => decodeSettings(readJson(text), { keepsSource: false });
const yaml = (text: string): Decoded => decodeSettings(readYaml(text), { keepsSource: true });
const problems = (decoded: Decoded): string[] => (decoded.problems ?? []).map(({ text }) => text);

/** Spec/07 §22.1: every key that Serf knows. */
const everyKey = `{
  "node_name": "web-1", "role": "web", "disable_coordinates": false, "tags": { "dc": "east" },
  "tags_file": "/var/lib/serf/tags.json", "bind": "10.0.0.5:7946", "advertise": "198.51.100.5:7946",
  "interface": "eth0", "encrypt_key": "HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=",
  "keyring_file": "/var/lib/serf/keyring.json", "log_level": "info", "rpc_addr": "127.0.0.1:7373",
  "rpc_auth": "change-me", "protocol": 5, "replay_on_join": false, "query_response_size_limit": 1024,
  "query_size_limit": 1024, "user_event_size_limit": 512, "start_join": ["10.0.0.6", "10.0.0.7:7946"],
  "event_handlers": ["member-join=/etc/serf/members.sh", "/etc/serf/any.sh"], "profile": "lan",
  "snapshot_path": "/var/lib/serf/snapshot", "leave_on_terminate": true, "skip_leave_on_interrupt": false,
  "discover": "mycluster", "mdns": { "interface": "eth0", "disable_ipv4": false, "disable_ipv6": true },
  "reconnect_interval": "30s", "reconnect_timeout": "24h", "tombstone_timeout": "24h",
  "disable_name_resolution": false, "enable_syslog": false, "syslog_facility": "LOCAL0",
  "retry_join": ["seed.example.org"], "retry_max_attempts": 0, "retry_interval": "30s",
  "rejoin_after_leave": true, "enable_compression": true, "statsite_addr": "127.0.0.1:8125",
  "statsd_addr": "127.0.0.1:8125", "broadcast_timeout": "5s", "validate_node_names": false,
  "MsgpackUseNewTimeFormat": false
}`;

describe('what Serf accepts', () => {
  test('every key of Serf, from JSON and from YAML, means the same', () => {
    const { settings } = json(everyKey);

    expect(Object.keys(settings ?? {})).toHaveLength(42);
    expect(settings).toMatchObject({ reconnect_interval: 30_000, tombstone_timeout: 86_400_000 });
    // JSON is YAML, and no text of this file looks like another kind of value.
    expect(yaml(everyKey).settings).toEqual(settings);
  });

  test.each([
    ['null', {}],
    ['{}', {}],
    ['{"Node_Name":"a"}', { node_name: 'a' }],
    ['{"NODE_NAME":"a","Mdns":{"INTERFACE":"lo"}}', { node_name: 'a', mdns: { interface: 'lo' } }],
    ['{"MSGPACKUSENEWTIMEFORMAT":true}', { MsgpackUseNewTimeFormat: true }],
    ['{"node_name":null,"tags":null,"start_join":null,"mdns":null}', {}],
    ['{"protocol":4.9}', { protocol: 4 }],
    ['{"retry_max_attempts":-4.9}', { retry_max_attempts: -4 }],
    ['{"retry_interval":""}', { retry_interval: 0 }],
    ['{"tags":{"":"x","a b":"","n":null}}', { tags: { '': 'x', 'a b': '', n: '' } }],
    ['{"start_join":[null]}', { start_join: [''] }],
    ['{"bind":"a","bind":"b"}', { bind: 'b' }],
    ['{"cluster":"blue"}', { cluster: 'blue' }],
  ])('%s', (text, expected) => {
    const { settings } = json(text);

    expect(JSON.parse(JSON.stringify(settings))).toEqual(expected);
  });
});

describe('what Serf refuses', () => {
  test.each([
    ['[]', 'the file must hold an object, not a list'],
    ['"x"', 'the file must hold an object, not a text'],
    ['5', 'the file must hold an object, not the number 5'],
    ['{"node_name":5}', "'node_name' must be a text, not the number 5"],
    ['{"node_name":true}', "'node_name' must be a text, not the boolean true"],
    ['{"node_name":["a"]}', "'node_name' must be a text, not a list"],
    ['{"bind":{}}', "'bind' must be a text, not an object"],
    ['{"replay_on_join":"true"}', "'replay_on_join' must be true or false, not a text"],
    ['{"replay_on_join":1}', "'replay_on_join' must be true or false, not the number 1"],
    ['{"replay_on_join":0}', "'replay_on_join' must be true or false, not the number 0"],
    ['{"protocol":"4"}', "'protocol' must be a number, not a text"],
    ['{"protocol":true}', "'protocol' must be a number, not the boolean true"],
    ['{"protocol":1e30}', "'protocol' is out of range"],
    ['{"protocol":1e999}', "'protocol' must be a number, not the number 1e999"],
    ['{"start_join":"x"}', "'start_join' must be a list of texts, not a text"],
    ['{"start_join":["a",5]}', "'start_join[1]' must be a text, not the number 5"],
    ['{"tags":[]}', "'tags' must be an object of texts, not a list"],
    ['{"tags":{"a":1}}', "'tags[a]' must be a text, not the number 1"],
    ['{"tags":{"a":true}}', "'tags[a]' must be a text, not the boolean true"],
    ['{"mdns":"x"}', "'mdns' must be an object, not a text"],
    ['{"mdns":{"disable_ipv4":1}}', "'mdns.disable_ipv4' must be true or false, not the number 1"],
    [
      '{"retry_interval":5}',
      '\'retry_interval\' must be a duration such as "30s", not the number 5',
    ],
    ['{"retry_interval":"5"}', '\'retry_interval\': time: missing unit in duration "5"'],
    [
      '{"leave_on_interrupt":true}',
      "'leave_on_interrupt' is not a known key, did you mean 'skip_leave_on_interrupt'?",
    ],
    ['{"mdns":{"foo":1}}', "'mdns.foo' is not a known key"],
    ['{"mdns":{"iface":"lo"}}', "'mdns.iface' is not a known key, did you mean 'interface'?"],
    ['{"-":5}', "'-' is not a known key"],
    ['{"__proto__":5}', "'__proto__' is not a known key"],
    ['{"constructor":5}', "'constructor' is not a known key"],
    ['{"Node_Name":"a","node_name":"b"}', "'Node_Name' says 'node_name' a second time"],
  ])('%s', (text, problem) => {
    expect(problems(json(text))).toEqual([problem]);
  });

  test('everything that is wrong is told at once, in the order of the file', () => {
    const text =
      '{\n "nope": 1,\n "bind": true,\n "bar": 2,\n "replay_on_join": 1,\n "retry_interval": "3 h"\n}';

    expect(problems(json(text))).toEqual([
      "'nope' is not a known key",
      "'bind' must be a text, not the boolean true",
      "'bar' is not a known key",
      "'replay_on_join' must be true or false, not the number 1",
      '\'retry_interval\': time: unknown unit " h" in duration "3 h"',
    ]);
  });

  test('a problem says where it stands', () => {
    expect(json('{\n  "tags": {\n    "a": 1\n  }\n}').problems).toMatchObject([
      { at: { line: 3, column: 10 } },
    ]);
  });
});

describe('a YAML file', () => {
  test('keeps tags, names and tokens as they are written', () => {
    const { settings } = yaml(
      'node_name: 007\ntags: {version: 1.10, mode: 0640, on: true, empty: , none: null, home: ~}\nrpc_auth: 1_000\ncluster: 1e3',
    );

    expect(settings).toMatchObject({
      node_name: '007',
      tags: { version: '1.10', mode: '0640', on: 'true', empty: '', none: 'null', home: '~' },
      cluster: '1e3',
    });
  });

  test('is as strict as JSON everywhere else', () => {
    expect(problems(yaml('retry_interval: 30'))).toEqual([
      '\'retry_interval\' must be a duration such as "30s", not the number 30',
    ]);
    expect(problems(yaml('bind: 7946'))).toEqual(["'bind' must be a text, not the number 7946"]);
    expect(problems(yaml('leave_on_terminate: yes'))).toEqual([
      "'leave_on_terminate' must be true or false, not a text",
    ]);
    expect(problems(yaml('tags: {a: [1]}'))).toEqual(["'tags[a]' must be a text, not a list"]);
  });

  test('that is empty says nothing', () => {
    expect(yaml('').settings).toEqual({});
    expect(yaml('# only a comment\n').settings).toEqual({});
  });
});

describe('handlers:', () => {
  const entry = (more: string) => `handlers: [{script: x, on: user, ${more}}]`;

  test('names and patterns are taken as they are written', () => {
    expect(yaml(entry('name: 007, where: {version: 1.10, on: yes}')).settings?.handlers).toEqual([
      { script: 'x', on: 'user', name: '007', where: { version: '1.10', on: 'yes' } },
    ]);
  });

  test.each([
    ['handlers: {}', "'handlers' must be a list, not an object"],
    ['handlers: [x]', "'handlers[0]' must be an object, not a text"],
    ['handlers: [{on: user}]', "'handlers[0].script' is missing: it must be a text or a list"],
    [
      'handlers: [{script: x, on: 5}]',
      "'handlers[0].on' must be a text or a list, not the number 5",
    ],
    ['handlers: [{script: x, on: deploy}]', "'handlers[0].on': 'deploy' is no event: write"],
    [
      'handlers: [{script: x, on: [user, deploy]}]',
      "'handlers[0].on[1]': 'deploy' is no event: write",
    ],
    [entry('concurrency: 0'), "'handlers[0].concurrency' must be at least 1"],
    [entry('queue: 1.5'), "'handlers[0].queue' must be a whole number, not the number 1.5"],
    [
      entry('timeout: 5'),
      '\'handlers[0].timeout\' must be a duration such as "30s", not the number 5',
    ],
    [entry('timout: 5s'), "'handlers[0].timout' is not a known key, did you mean 'timeout'?"],
    [
      entry('retry: {atempts: 1}'),
      "'handlers[0].retry.atempts' is not a known key, did you mean 'attempts'?",
    ],
    [
      'handlers: [{use: "@tserf/handlers/deploy", on: user}]',
      "'handlers[0].use': plug-ins are not supported by this version of tserf",
    ],
  ])('%s', (text, problem) => {
    expect(problems(yaml(text))).toContainEqual(expect.stringContaining(problem));
  });
});

test('a value has its place, an item of a list and a tag too', () => {
  const decoded = yaml('bind: a\nstart_join:\n  - x\n  - y\nTags:\n  role: web\n');

  if (decoded.problems !== undefined) throw new Error('it is a good file');
  const { placeOf } = decoded;
  expect(placeOf(['bind'])).toEqual({ line: 1, column: 1 });
  expect(placeOf(['start_join', '1'])).toEqual({ line: 4, column: 5 });
  expect(placeOf(['tags', 'role'])).toEqual({ line: 6, column: 3 });
});

test('a tag called __proto__ is refused, not lost', () => {
  expect(problems(json('{"tags":{"__proto__":"x"}}'))).toEqual([
    "'tags' must not hold the name '__proto__'",
  ]);
});
