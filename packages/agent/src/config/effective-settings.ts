import { joinHostPort } from '@tserf/core';
import { formatGoDuration } from '../go-duration.js';
import type { HandlerConfig } from '../handlers/handler-config.js';
import type { AgentConfig } from './agent-config.js';

/** A value as a file would give it. */
export type SettingValue =
  | string
  | number
  | boolean
  | readonly SettingValue[]
  | { readonly [name: string]: SettingValue };

/**
 * A configuration in the words of the files, every key with the value that counts: an agent that is started with this
 * file has this configuration. Keys that change nothing are left out, and what is not set is empty.
 */
export function effectiveSettings(config: AgentConfig): ReadonlyMap<string, SettingValue> {
  const { mdns, syslog } = config;
  return new Map<string, SettingValue>([
    ['node_name', config.node],
    ['tags', config.tags],
    ['tags_file', config.tagsFile ?? ''],
    ['cluster', config.cluster],
    ['protocol', config.protocol],
    ['bind', joinHostPort(config.bind.host, config.bind.port)],
    [
      'advertise',
      config.advertise ? joinHostPort(config.advertise.host, config.advertise.port) : '',
    ],
    ['rpc_addr', config.rpcAddr],
    ['rpc_auth', config.rpcAuth],
    ['profile', config.profile],
    ['encrypt_key', config.encryptionKey ?? ''],
    ['keyring_file', config.keyringFile ?? ''],
    ['start_join', config.startJoin],
    ['retry_join', config.retryJoin],
    ['retry_interval', formatGoDuration(config.retryIntervalMs)],
    ['retry_max_attempts', config.retryMaxAttempts],
    ['replay_on_join', config.replayOnJoin],
    ['discover', config.discover],
    [
      'mdns',
      {
        // Alone it would be refused.
        ...(config.discover === '' ? {} : { interface: mdns.interface ?? '' }),
        disable_ipv4: mdns.disableIPv4,
        disable_ipv6: mdns.disableIPv6,
      },
    ],
    ['event_handlers', config.eventHandlers],
    [
      'event_handler_timeout',
      config.eventHandlerTimeoutMs === undefined
        ? ''
        : formatGoDuration(config.eventHandlerTimeoutMs),
    ],
    ['handlers', config.handlers.map(handlerEntry)],
    ['snapshot_path', config.snapshotPath ?? ''],
    ['rejoin_after_leave', config.rejoinAfterLeave],
    ['leave_on_terminate', config.leaveOnTerminate],
    ['skip_leave_on_interrupt', config.skipLeaveOnInterrupt],
    ['broadcast_timeout', formatGoDuration(config.broadcastTimeoutMs)],
    ['reconnect_interval', formatGoDuration(config.reconnectIntervalMs)],
    ['reconnect_timeout', formatGoDuration(config.reconnectTimeoutMs)],
    ['tombstone_timeout', formatGoDuration(config.tombstoneTimeoutMs)],
    ['disable_name_resolution', config.disableNameResolution],
    ['disable_coordinates', config.disableCoordinates],
    ['user_event_size_limit', config.userEventSizeLimit],
    ['query_size_limit', config.querySizeLimit],
    ['query_response_size_limit', config.queryResponseSizeLimit],
    ['query_response_stream_limit', config.queryResponseStreamLimit],
    ['log_level', config.logLevel],
    ['enable_syslog', syslog.enabled],
    ['syslog_facility', syslog.facility],
    ['statsd_addr', config.statsdAddr ?? ''],
    ['statsite_addr', config.statsiteAddr ?? ''],
    ['enable_compression', config.compression],
  ]);
}

function handlerEntry(handler: HandlerConfig): SettingValue {
  const { retry, timeoutMs } = handler;
  return {
    name: handler.name,
    script: handler.script,
    on: handler.on,
    where: handler.where,
    ...(timeoutMs === undefined ? {} : { timeout: formatGoDuration(timeoutMs) }),
    concurrency: handler.concurrency,
    queue: handler.queueLimit,
    retry: {
      attempts: retry.attempts,
      delay: formatGoDuration(retry.delayMs),
      max_delay: formatGoDuration(retry.longestDelayMs),
    },
    output_limit: handler.outputLimitBytes,
  };
}
