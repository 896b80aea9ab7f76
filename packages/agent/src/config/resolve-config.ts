import { hostname } from 'node:os';
import type { ProfileName } from '@tserf/core';
import type { AgentFlags } from '../flags.js';
import { handlerConfig } from '../handlers/handler-config.js';
import { checkInterfaces, resolveAddresses } from './addresses.js';
import { type AgentConfig, defaultConfig } from './agent-config.js';
import {
  configuredTags,
  earlyProblems,
  lateProblems,
  logLevelOf,
  logProblems,
  patternProblems,
  warningsOf,
} from './check-settings.js';
import { ConfigError } from './config-error.js';
import { type Layer, mergeLayers, originOf, readLayers } from './layers.js';
import { originText } from './origin.js';
import type { Settings } from './settings-schema.js';

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
  return resolveLayers(await readLayers(flags), notice);
}

/** The same, of what has been read already. */
export async function resolveLayers(
  layers: readonly Layer[],
  notice: (line: string) => void,
): Promise<AgentConfig> {
  const settings = mergeLayers(layers);
  try {
    for (const problem of earlyProblems(settings)) throw problem;
    checkInterfaces(settings);
    for (const warning of warningsOf(settings, mergeLayers(layers.slice(0, -1)))) notice(warning);
    for (const problem of logProblems(settings)) throw problem;
    const addresses = await resolveAddresses(settings, notice);
    for (const problem of lateProblems(settings)) throw problem;
    for (const problem of await patternProblems(settings)) throw problem;
    return configOf(layers, addresses);
  } catch (error) {
    throw error instanceof ConfigError ? located(error, layers) : error;
  }
}

/** With the place of the setting in its file, when it stands in one. */
export function located(error: ConfigError, layers: readonly Layer[]): ConfigError {
  const { code, message, cause, path } = error;
  const origin = path && originOf(layers, path);
  if (origin?.type !== 'file') return error;
  return new ConfigError(code, `${message} in ${originText(origin)}`, { cause, path });
}

type Addresses = Pick<AgentConfig, 'bind' | 'advertise'>;

/** What has passed all checks, with Serf's defaults for what is left out (spec/07 §3). */
export function configOf(layers: readonly Layer[], addresses: Addresses): AgentConfig {
  const settings = mergeLayers(layers);
  return {
    ...addresses,
    ...identityOf(settings),
    ...joiningOf(settings),
    ...handlingOf(settings),
    logLevel: logLevelOf(settings) ?? defaultConfig.logLevel,
    rpcAddr: settings.rpc_addr || defaultConfig.rpcAddr,
    rpcAuth: settings.rpc_auth ?? '',
    protocol: settings.protocol ?? defaultConfig.protocol,
    profile: (settings.profile || defaultConfig.profile) as ProfileName,
    // The flags alone count: in a file the key has no effect, in Serf neither (spec/07 §4, rule C).
    compression: layers.at(-1)?.settings.enable_compression !== false,
    ...timesOf(settings),
    ...limitsOf(settings),
    disableNameResolution: settings.disable_name_resolution === true,
    disableCoordinates: settings.disable_coordinates === true,
    ...reportingOf(settings),
  };
}

function identityOf(settings: Settings) {
  return {
    node: settings.node_name || hostname(),
    tags: configuredTags(settings),
    tagsFile: settings.tags_file || undefined,
    encryptionKey: settings.encrypt_key || undefined,
    keyringFile: settings.keyring_file || undefined,
    cluster: settings.cluster ?? '',
    snapshotPath: settings.snapshot_path || undefined,
    rejoinAfterLeave: settings.rejoin_after_leave === true,
  };
}

function joiningOf(settings: Settings) {
  return {
    startJoin: settings.start_join ?? [],
    replayOnJoin: settings.replay_on_join === true,
    retryJoin: settings.retry_join ?? [],
    retryIntervalMs: atLeastASecond(settings.retry_interval || defaultConfig.retryIntervalMs),
    retryMaxAttempts: settings.retry_max_attempts ?? 0,
    leaveOnTerminate: settings.leave_on_terminate === true,
    skipLeaveOnInterrupt: settings.skip_leave_on_interrupt === true,
    discover: settings.discover ?? '',
    mdns: {
      interface: settings.mdns?.interface || settings.interface || undefined,
      disableIPv4: settings.mdns?.disable_ipv4 === true,
      disableIPv6: settings.mdns?.disable_ipv6 === true,
    },
  };
}

function handlingOf(settings: Settings) {
  return {
    eventHandlers: settings.event_handlers ?? [],
    eventHandlerTimeoutMs: settings.event_handler_timeout || undefined,
    handlers: (settings.handlers ?? []).map(handlerConfig),
  };
}

function timesOf(settings: Settings) {
  return {
    broadcastTimeoutMs: atLeastASecond(
      settings.broadcast_timeout || defaultConfig.broadcastTimeoutMs,
    ),
    reconnectIntervalMs: settings.reconnect_interval || defaultConfig.reconnectIntervalMs,
    reconnectTimeoutMs: settings.reconnect_timeout || defaultConfig.reconnectTimeoutMs,
    tombstoneTimeoutMs: settings.tombstone_timeout || defaultConfig.tombstoneTimeoutMs,
  };
}

function atLeastASecond(milliseconds: number): number {
  return Math.max(1_000, milliseconds);
}

function limitsOf(settings: Settings) {
  return {
    userEventSizeLimit: settings.user_event_size_limit || defaultConfig.userEventSizeLimit,
    querySizeLimit: settings.query_size_limit || defaultConfig.querySizeLimit,
    queryResponseSizeLimit:
      settings.query_response_size_limit || defaultConfig.queryResponseSizeLimit,
    queryResponseStreamLimit:
      settings.query_response_stream_limit || defaultConfig.queryResponseStreamLimit,
  };
}

function reportingOf(settings: Settings) {
  return {
    syslog: {
      enabled: settings.enable_syslog === true,
      facility: (settings.syslog_facility || defaultConfig.syslog.facility).toUpperCase(),
    },
    statsdAddr: settings.statsd_addr || undefined,
    statsiteAddr: settings.statsite_addr || undefined,
  };
}
