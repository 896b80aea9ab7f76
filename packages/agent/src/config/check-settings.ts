import {
  decodeKeyText,
  KeyTextError,
  type LogLevel,
  type ProfileName,
  tagsProblem,
} from '@tserf/core';
import { DiscoveryError, serviceName } from '../discovery/service.js';
import { eventForms } from '../events/event-pattern.js';
import { formatGoDuration } from '../go-duration.js';
import { EventHandlerError, parseEventHandler } from '../handlers/event-handler.js';
import { patternProblem } from '../handlers/tag-condition.js';
import { facilities } from '../syslog/priorities.js';
import { defaultConfig } from './agent-config.js';
import { ConfigError } from './config-error.js';
import type { SettingPath } from './layers.js';
import type { Settings } from './settings-schema.js';

/*
 * What can be said of merged settings without looking at the machine (spec/07 §5), in Serf's words and order. Each check
 * says what is wrong, or nothing.
 */

type Check = (settings: Settings) => ConfigError | undefined;

/** The checks that come before any warning: §5.1. */
export function* earlyProblems(settings: Settings): Generator<ConfigError> {
  yield* run([eventHandlers, mdnsInterface, mdnsFamilies], settings);
}

/** The checks between the warnings and the addresses: the first half of §5.2. */
export function* logProblems(settings: Settings): Generator<ConfigError> {
  yield* run([logLevel, syslogFacility], settings);
}

/** The checks after the addresses. */
export function* lateProblems(settings: Settings): Generator<ConfigError> {
  yield* run([keyText, profile, negativeNumbers], settings);
}

/**
 * What an agent would find out only while it starts (§5.3): for those who ask before. In the words of the start, without
 * what says that it was one.
 */
export function* startProblems(settings: Settings): Generator<ConfigError> {
  yield* run(
    [
      ...[tagsTwice, keysTwice, label, keySize, protocol, userEventLimit, streamLimit, tagsLength],
      discoverName,
    ],
    settings,
  );
}

/** Patterns of handlers that are none. Apart from the others, as the library for them takes time to load. */
export async function patternProblems({ handlers = [] }: Settings): Promise<ConfigError[]> {
  const problems: ConfigError[] = [];
  for (const [index, { where = {} }] of handlers.entries()) {
    for (const [tag, pattern] of Object.entries(where)) {
      const problem = await patternProblem(pattern);
      if (problem === undefined) continue;
      const path: SettingPath = ['handlers', String(index), 'where', tag];
      problems.push(bad(path, `'handlers[${index}].where[${tag}]': ${problem}`));
    }
  }
  return problems;
}

function* run(checks: readonly Check[], settings: Settings): Generator<ConfigError> {
  for (const check of checks) {
    const problem = check(settings);
    if (problem !== undefined) yield problem;
  }
}

/** What is odd and no reason to stop (§5.1, 12 to 15; the last one is tserf's own). `ofFiles` is without the flags. */
export function warningsOf(settings: Settings, ofFiles: Settings): string[] {
  const { role, retry_interval: retry, broadcast_timeout: broadcast } = settings;
  const warnings: string[] = [];
  if (role) warnings.push("Deprecation warning: 'Role' has been replaced with 'Tags'");
  if (retry && retry < 1_000) warnings.push("Warning: 'RetryInterval' is too low. Setting to 1s");
  if (broadcast && broadcast < 1_000) {
    warnings.push("Warning: 'BroadcastTimeout' is too low. Setting to 1s");
  }
  if (settings.rejoin_after_leave && !settings.snapshot_path) {
    warnings.push("Warning: 'RejoinAfterLeave' enabled without snapshot file");
  }
  if (ofFiles.enable_compression === false) {
    warnings.push(
      "Warning: 'enable_compression' has no effect in a file; use -disable-compression",
    );
  }
  return warnings;
}

/** The tags of a node, the deprecated role among them. */
export function configuredTags({ tags, role }: Settings): Record<string, string> {
  return role ? { ...tags, role } : { ...tags };
}

function bad(path: SettingPath, message: string, cause?: unknown): ConfigError {
  return new ConfigError('BAD_VALUE', message, { path, cause });
}

/** The first bad one only, as in Serf. */
function eventHandlers(settings: Settings): ConfigError | undefined {
  for (const [index, text] of (settings.event_handlers ?? []).entries()) {
    try {
      parseEventHandler(text);
    } catch (error) {
      if (!(error instanceof EventHandlerError)) throw error;
      const path: SettingPath = ['event_handlers', String(index)];
      return bad(path, `${error.message} (an event is ${eventForms})`, error);
    }
  }
  return undefined;
}

function mdnsInterface({ mdns, discover }: Settings): ConfigError | undefined {
  if (!mdns?.interface || discover) return undefined;
  return bad(['mdns', 'interface'], 'mDNS interface specified without enabling mDNS discovery');
}

/** Serf looks only when an interface is given, and otherwise logs an error at each poll. */
function mdnsFamilies({ mdns, discover }: Settings): ConfigError | undefined {
  if (!discover || !mdns?.disable_ipv4 || !mdns.disable_ipv6) return undefined;
  return bad(
    ['mdns', 'disable_ipv6'],
    'Invalid mDNS configuration: both IPv4 and IPv6 are disabled',
  );
}

const logLevels: readonly string[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'] satisfies LogLevel[];

/** As the level is written in logs, whatever its case in the configuration; the default when there is none. */
export function logLevelOf({ log_level: text }: Settings): LogLevel | undefined {
  const level = (text || defaultConfig.logLevel).toUpperCase();
  return logLevels.includes(level) ? (level as LogLevel) : undefined;
}

function logLevel(settings: Settings): ConfigError | undefined {
  if (logLevelOf(settings) !== undefined) return undefined;
  return bad(
    ['log_level'],
    `Invalid log level: ${settings.log_level?.toUpperCase()}. Valid log levels are: [${logLevels.join(' ')}]`,
  );
}

function syslogFacility(settings: Settings): ConfigError | undefined {
  const facility = (settings.syslog_facility || defaultConfig.syslog.facility).toUpperCase();
  if (settings.enable_syslog !== true || facility in facilities) {
    return undefined;
  }
  return bad(
    ['syslog_facility'],
    `Syslog setup failed: invalid syslog facility: ${facility} (choose one of ${Object.keys(facilities).join(' ')})`,
  );
}

/** Only whether it is base64; its size is looked at where the keyring is made, as in Serf. */
function keyText(settings: Settings): ConfigError | undefined {
  const key = decodeKey(settings);
  if (!(key instanceof KeyTextError)) return undefined;
  return bad(
    ['encrypt_key'],
    `Invalid encryption key: ${key.message} (a key is base64 of 16, 24 or 32 bytes; tserf keygen makes one)`,
    key,
  );
}

function decodeKey({ encrypt_key: text }: Settings): Uint8Array | KeyTextError | undefined {
  try {
    return text ? decodeKeyText(text) : undefined;
  } catch (error) {
    if (!(error instanceof KeyTextError)) throw error;
    return error;
  }
}

const profiles: readonly string[] = ['lan', 'wan', 'local'] satisfies ProfileName[];

function profile({ profile: name }: Settings): ConfigError | undefined {
  if (!name || profiles.includes(name)) return undefined;
  return bad(['profile'], `Unknown profile: ${name} (choose lan, wan or local)`);
}

/** Serf takes them, and then reconnects without pause, forgets at once or sends nothing; that helps nobody. */
function negativeNumbers(settings: Settings): ConfigError | undefined {
  const times = [
    'reconnect_interval',
    'reconnect_timeout',
    'tombstone_timeout',
    'event_handler_timeout',
  ] as const;
  for (const key of times) {
    const milliseconds = settings[key] ?? 0;
    if (milliseconds >= 0) continue;
    return bad([key], `'${key}' must not be negative: ${formatGoDuration(milliseconds)}`);
  }
  const limits = [
    'user_event_size_limit',
    'query_size_limit',
    'query_response_size_limit',
    'query_response_stream_limit',
  ] as const;
  for (const key of limits) {
    const bytes = settings[key] ?? 0;
    if (bytes < 0) return bad([key], `'${key}' must not be negative: ${bytes}`);
  }
  return undefined;
}

/** Serf's hard limit for user events, in bytes. */
const userEventLimitBytes = 9_216;

function userEventLimit(settings: Settings): ConfigError | undefined {
  if ((settings.user_event_size_limit ?? 0) <= userEventLimitBytes) return undefined;
  return bad(
    ['user_event_size_limit'],
    `user event size limit exceeds limit of ${userEventLimitBytes} bytes`,
  );
}

/** What a stream of one message may have, in bytes: receivers refuse longer ones. */
const streamLimitBytes = 16_777_216;

function streamLimit(settings: Settings): ConfigError | undefined {
  if ((settings.query_response_stream_limit ?? 0) <= streamLimitBytes) return undefined;
  return bad(
    ['query_response_stream_limit'],
    `query response stream limit exceeds limit of ${streamLimitBytes} bytes`,
  );
}

function tagsTwice(settings: Settings): ConfigError | undefined {
  const isBoth = settings.tags_file && Object.keys(configuredTags(settings)).length > 0;
  if (!isBoth) return undefined;
  return bad(
    ['tags_file'],
    'Tags config not allowed while using tag files (the tags file holds the tags: remove tags and role)',
  );
}

function keysTwice(settings: Settings): ConfigError | undefined {
  if (!settings.keyring_file || !settings.encrypt_key) return undefined;
  return bad(
    ['keyring_file'],
    'Encryption key not allowed while using a keyring (the keyring file holds the keys: remove encrypt_key)',
  );
}

/** The label's length is one byte on the wire. */
const labelLimitBytes = 255;

function label({ cluster = '' }: Settings): ConfigError | undefined {
  const bytes = Buffer.byteLength(cluster);
  if (bytes <= labelLimitBytes) return undefined;
  return bad(['cluster'], `label: ${bytes} bytes, at most ${labelLimitBytes} fit`);
}

function keySize(settings: Settings): ConfigError | undefined {
  const key = decodeKey(settings);
  if (!(key instanceof Uint8Array) || [16, 24, 32].includes(key.length)) return undefined;
  return bad(
    ['encrypt_key'],
    `key size must be 16, 24 or 32 bytes, not ${key.length} (tserf keygen makes a key)`,
  );
}

function protocol({ protocol: version = 0 }: Settings): ConfigError | undefined {
  if (version < 1 || (version >= 2 && version <= 5)) return undefined;
  const words = version < 2 ? 'low' : 'high';
  return bad(
    ['protocol'],
    `Protocol version '${version}' too ${words}. Must be in range: [2, 5] (leave it out to speak the newest)`,
  );
}

function tagsLength(settings: Settings): ConfigError | undefined {
  const problem = tagsProblem(
    configuredTags(settings),
    settings.protocol || defaultConfig.protocol,
  );
  return problem === undefined
    ? undefined
    : bad(['tags'], `${problem} (use fewer or shorter tags)`);
}

function discoverName({ discover }: Settings): ConfigError | undefined {
  if (!discover) return undefined;
  try {
    serviceName(discover);
    return undefined;
  } catch (error) {
    if (!(error instanceof DiscoveryError)) throw error;
    return bad(['discover'], error.message, error);
  }
}
