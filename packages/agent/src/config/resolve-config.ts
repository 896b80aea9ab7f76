import { hostname } from 'node:os';
import { decodeKeyText, KeyTextError, type LogLevel, type ProfileName } from '@tserf/core';
import type { AgentFlags } from '../flags.js';
import { formatGoDuration } from '../go-duration.js';
import { resolveAddresses } from './addresses.js';
import { type AgentConfig, defaultConfig } from './agent-config.js';
import { ConfigError } from './config-error.js';
import { readConfigFiles } from './config-files.js';
import { settingsOfFlags } from './flag-settings.js';
import { mergeSettings } from './merge-settings.js';
import type { Settings } from './settings-schema.js';
import { refuseUnsupported } from './unsupported.js';

/**
 * Makes one checked configuration of defaults, files and flags, each over the one before (spec/07 §4), with Serf's
 * checks in Serf's order (§5.1, §5.2). What is odd but no reason to stop goes to `notice`, a line each.
 *
 * @throws {ConfigError} at the first check that fails; nothing has been opened
 */
export async function resolveConfig(
  flags: AgentFlags,
  notice: (line: string) => void,
): Promise<AgentConfig> {
  const ofFlags = settingsOfFlags(flags);
  const ofFiles = await readConfigFiles(flags.configPaths ?? []);
  const settings = mergeSettings(ofFiles, ofFlags);

  const node = settings.node_name || hostname();
  refuseUnsupported(settings);
  checkMdns(settings);
  warn(settings, ofFiles, notice);

  const logLevel = logLevelOf(settings.log_level || defaultConfig.logLevel);
  const { bind, advertise } = await resolveAddresses(settings, notice);
  const encryptionKey = checkKey(settings.encrypt_key || undefined);
  const profile = profileOf(settings.profile || defaultConfig.profile);
  checkLimits(settings);

  return {
    node,
    tags: settings.role ? { ...settings.tags, role: settings.role } : (settings.tags ?? {}),
    bind,
    advertise,
    encryptionKey,
    keyringFile: settings.keyring_file || undefined,
    tagsFile: settings.tags_file || undefined,
    logLevel,
    rpcAddr: settings.rpc_addr || defaultConfig.rpcAddr,
    rpcAuth: settings.rpc_auth ?? '',
    protocol: settings.protocol ?? defaultConfig.protocol,
    profile,
    // Only the flag counts: in a file the key has no effect, in Serf neither (spec/07 §4, rule C).
    compression: flags.disableCompression !== true,
    cluster: settings.cluster ?? '',
    startJoin: settings.start_join ?? [],
    replayOnJoin: settings.replay_on_join === true,
    retryJoin: settings.retry_join ?? [],
    retryIntervalMs: atLeastASecond(settings.retry_interval || defaultConfig.retryIntervalMs),
    retryMaxAttempts: settings.retry_max_attempts ?? 0,
    leaveOnTerminate: settings.leave_on_terminate === true,
    skipLeaveOnInterrupt: settings.skip_leave_on_interrupt === true,
    eventHandlers: settings.event_handlers ?? [],
    handlers: [],
    snapshotPath: settings.snapshot_path || undefined,
    rejoinAfterLeave: settings.rejoin_after_leave === true,
    discover: settings.discover ?? '',
    mdns: {
      interface: settings.mdns?.interface || settings.interface || undefined,
      disableIPv4: settings.mdns?.disable_ipv4 === true,
      disableIPv6: settings.mdns?.disable_ipv6 === true,
    },
    syslog: {
      enabled: settings.enable_syslog === true,
      facility: (settings.syslog_facility || defaultConfig.syslog.facility).toUpperCase(),
    },
    statsdAddr: settings.statsd_addr || undefined,
    statsiteAddr: settings.statsite_addr || undefined,
    userEventSizeLimit: settings.user_event_size_limit || defaultConfig.userEventSizeLimit,
    querySizeLimit: settings.query_size_limit || defaultConfig.querySizeLimit,
    queryResponseSizeLimit:
      settings.query_response_size_limit || defaultConfig.queryResponseSizeLimit,
    disableNameResolution: settings.disable_name_resolution === true,
    disableCoordinates: settings.disable_coordinates === true,
    broadcastTimeoutMs: atLeastASecond(
      settings.broadcast_timeout || defaultConfig.broadcastTimeoutMs,
    ),
    reconnectIntervalMs: settings.reconnect_interval || defaultConfig.reconnectIntervalMs,
    reconnectTimeoutMs: settings.reconnect_timeout || defaultConfig.reconnectTimeoutMs,
    tombstoneTimeoutMs: settings.tombstone_timeout || defaultConfig.tombstoneTimeoutMs,
  };
}

function checkMdns({ mdns, discover }: Settings): void {
  if (!mdns?.interface || discover) return;
  throw new ConfigError('BAD_VALUE', 'mDNS interface specified without enabling mDNS discovery');
}

/** Goes on after each of these, as Serf does; the last one is tserf's own. */
function warn(settings: Settings, ofFiles: Settings, notice: (line: string) => void): void {
  const { role, retry_interval: retry, broadcast_timeout: broadcast } = settings;
  if (role) notice("Deprecation warning: 'Role' has been replaced with 'Tags'");
  if (retry && retry < 1_000) notice("Warning: 'RetryInterval' is too low. Setting to 1s");
  if (broadcast && broadcast < 1_000) {
    notice("Warning: 'BroadcastTimeout' is too low. Setting to 1s");
  }
  if (settings.rejoin_after_leave && !settings.snapshot_path) {
    notice("Warning: 'RejoinAfterLeave' enabled without snapshot file");
  }
  if (ofFiles.enable_compression === false) {
    notice("Warning: 'enable_compression' has no effect in a file; use -disable-compression");
  }
}

function atLeastASecond(milliseconds: number): number {
  return Math.max(1_000, milliseconds);
}

/** Only whether it is base64; its size is looked at where the keyring is made, as in Serf. */
function checkKey(text: string | undefined): string | undefined {
  try {
    if (text !== undefined) decodeKeyText(text);
    return text;
  } catch (error) {
    if (!(error instanceof KeyTextError)) throw error;
    throw new ConfigError(
      'BAD_VALUE',
      `Invalid encryption key: ${error.message} (a key is base64 of 16, 24 or 32 bytes; tserf keygen makes one)`,
      { cause: error },
    );
  }
}

const logLevels: readonly string[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'] satisfies LogLevel[];

function logLevelOf(text: string): LogLevel {
  const level = text.toUpperCase();
  if (logLevels.includes(level)) return level as LogLevel;
  throw new ConfigError(
    'BAD_VALUE',
    `Invalid log level: ${level}. Valid log levels are: [${logLevels.join(' ')}]`,
  );
}

const profiles: readonly string[] = ['lan', 'wan', 'local'] satisfies ProfileName[];

function profileOf(text: string): ProfileName {
  if (profiles.includes(text)) return text as ProfileName;
  throw new ConfigError('BAD_VALUE', `Unknown profile: ${text} (choose lan, wan or local)`);
}

/** Serf's hard limit for user events, in bytes. */
const userEventLimitBytes = 9_216;

/** Serf takes negative times and then reconnects without pause or forgets at once; that helps nobody. */
function checkLimits(settings: Settings): void {
  if ((settings.user_event_size_limit ?? 0) > userEventLimitBytes) {
    throw new ConfigError(
      'BAD_VALUE',
      'Failed to start the Serf agent: Error creating Serf: ' +
        `user event size limit exceeds limit of ${userEventLimitBytes} bytes`,
    );
  }
  for (const key of ['reconnect_interval', 'reconnect_timeout', 'tombstone_timeout'] as const) {
    const milliseconds = settings[key] ?? 0;
    if (milliseconds >= 0) continue;
    throw new ConfigError(
      'BAD_VALUE',
      `'${key}' must not be negative: ${formatGoDuration(milliseconds)}`,
    );
  }
}
