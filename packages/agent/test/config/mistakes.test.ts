import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkConfigFiles } from '../../src/config/check-files.js';

/** Files with one mistake each, and what is said of it: where it is, what is wrong, and what was probably meant. */
const mistakes: Readonly<Record<string, string>> = {
  'bare-duration.yaml':
    '1:17: \'retry_interval\' must be a duration such as "30s", not the number 30',
  'comma.json': "3:1: invalid character '}' looking for beginning of object key string",
  'comment.json': "1:1: invalid character '/' looking for beginning of value",
  'duration-without-unit.yaml': '1:17: \'retry_interval\': time: missing unit in duration "30"',
  'empty.json': '1:1: EOF: the file is empty',
  'event-handler.yaml':
    "3:5: Invalid event script: Event 'deploy' invoking './deploy.sh' (an event is *, user, user:NAME, query, query:NAME or member- with join, leave, failed, update or reap)",
  'event-size.json': '1:3: user event size limit exceeds limit of 9216 bytes',
  'facility.yaml':
    '2:1: Syslog setup failed: invalid syslog facility: LOCAL9 (choose one of KERN USER MAIL DAEMON AUTH SYSLOG LPR NEWS UUCP CRON AUTHPRIV FTP LOCAL0 LOCAL1 LOCAL2 LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7)',
  'flag-as-key.json': "2:3: 'encrypt' is not a known key, did you mean 'encrypt_key'?",
  'handler-event.yaml':
    "3:9: 'handlers[0].on': 'deploy' is no event: write *, user, user:NAME, query, query:NAME or member- with join, leave, failed, update or reap",
  'handler-key.yaml': "4:5: 'handlers[0].time_out' is not a known key, did you mean 'timeout'?",
  'handler-pattern.yaml':
    "4:14: 'handlers[0].where[role]': error parsing regexp: missing closing ]: `[`",
  'handler-plugin.yaml':
    "2:5: 'handlers[0].use': plug-ins are not supported by this version of tserf; a handler runs a 'script'",
  'key-size.json': '1:3: key size must be 16, 24 or 32 bytes, not 3 (tserf keygen makes a key)',
  'key-text.yaml':
    '1:1: Invalid encryption key: illegal base64 data at input byte 2 (a key is base64 of 16, 24 or 32 bytes; tserf keygen makes one)',
  'key-twice.yaml': "2:1: 'bind' stands twice",
  'keys-twice.yaml':
    '1:1: Encryption key not allowed while using a keyring (the keyring file holds the keys: remove encrypt_key)',
  'level.yaml':
    '1:1: Invalid log level: WARNING. Valid log levels are: [TRACE DEBUG INFO WARN ERR]',
  'list-for-tags.yaml': "1:7: 'tags' must be an object of texts, not a list",
  'list.json': '1:1: the file must hold an object, not a list',
  'long-discover.yaml': `1:1: the cluster name '${'x'.repeat(58)}' does not fit into a DNS name: use at most 57 bytes, without dots`,
  'long-label.yaml': '2:1: label: 256 bytes, at most 255 fit',
  'long-tags.json':
    '1:3: Encoded length of tags exceeds limit of 512 bytes (use fewer or shorter tags)',
  'mdns-alone.yaml': '2:3: mDNS interface specified without enabling mDNS discovery',
  'mdns-none.yaml': '2:29: Invalid mDNS configuration: both IPv4 and IPv6 are disabled',
  'negative-size.yaml': "1:1: 'query_size_limit' must not be negative: -1",
  'negative-time.yaml': "1:1: 'reconnect_timeout' must not be negative: -1h0m0s",
  'number-for-tag.json': "1:24: 'tags[version]' must be a text, not the number 1.10",
  'number-for-text.yaml': "1:7: 'bind' must be a text, not the number 7946",
  'old-key.json':
    "1:3: 'leave_on_interrupt' is not a known key, did you mean 'skip_leave_on_interrupt'?",
  'open-list.yaml':
    '2:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
  'profile.yaml': '1:1: Unknown profile: LAN (choose lan, wan or local)',
  'protocol.yaml':
    "1:1: Protocol version '6' too high. Must be in range: [2, 5] (leave it out to speak the newest)",
  'tabs.yaml': '2:1: Tabs are not allowed as indentation',
  'tags-twice.yaml':
    '2:1: Tags config not allowed while using tag files (the tags file holds the tags: remove tags and role)',
  'text-for-boolean.yaml': "1:21: 'leave_on_terminate' must be true or false, not a text",
  'text-for-list.yaml': "1:13: 'start_join' must be a list of texts, not a text",
  'text-for-number.json': "2:15: 'protocol' must be a number, not a text",
  'torn.json': "1:15: invalid character '\\n' in string literal",
  'unknown-key.yaml': "2:1: 'nodename' is not a known key, did you mean 'node_name'?",
  'yaml-1.1.yaml':
    '2:1: %YAML 1.1 is not read: remove the line or write %YAML 1.2, in which yes, no and 010 are no longer converted',
};

const folder = fileURLToPath(new URL('mistakes', import.meta.url));

test.each(Object.entries(mistakes))('%s: %s', async (name, problem) => {
  const file = join(folder, name);

  expect(await checkConfigFiles([file])).toEqual([
    { file, problems: [`${file}:${problem}`], warnings: [] },
  ]);
});

test('every file of the folder has its line here', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(mistakes).sort());
});
