import type { AgentFlags } from '../flags.js';
import { DurationError, parseGoDuration } from '../go-duration.js';
import { ConfigError } from './config-error.js';
import type { Settings } from './settings-schema.js';

/**
 * The flags in the words of the files, so that both can be merged (spec/07 §3). Its checks are the first ones made,
 * before any file is opened.
 */
export function settingsOfFlags(flags: AgentFlags): Settings {
  return {
    tags: tagsOf(flags.tag ?? []),
    retry_interval: durationOf('-retry-interval', flags.retryInterval),
    broadcast_timeout: durationOf('-broadcast-timeout', flags.broadcastTimeout),
    node_name: flags.node,
    role: flags.role,
    bind: flags.bind,
    advertise: flags.advertise,
    interface: flags.iface,
    encrypt_key: flags.encrypt,
    keyring_file: flags.keyringFile,
    log_level: flags.logLevel,
    rpc_addr: flags.rpcAddr,
    rpc_auth: flags.rpcAuth,
    protocol: flags.protocol,
    profile: flags.profile,
    start_join: list(flags.join),
    replay_on_join: flags.replay,
    retry_join: list(flags.retryJoin),
    retry_max_attempts: flags.retryMax,
    tags_file: flags.tagsFile,
    event_handlers: list(flags.eventHandler),
    snapshot_path: flags.snapshot,
    rejoin_after_leave: flags.rejoin,
    discover: flags.discover,
    mdns: {
      interface: flags.mdnsIface,
      disable_ipv4: flags.mdnsDisableIPv4,
      disable_ipv6: flags.mdnsDisableIPv6,
    },
    enable_syslog: flags.syslog,
    enable_compression: flags.disableCompression === true ? false : undefined,
  };
}

/** Split at the first `=`: the value may hold more of them, or nothing. */
function tagsOf(flags: readonly string[]): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const flag of flags) {
    const cut = flag.indexOf('=');
    if (cut < 1 || flag.startsWith('__proto__=')) {
      throw new ConfigError('BAD_VALUE', `Error: Invalid tag: '${flag}' (write -tag name=value)`);
    }
    tags[flag.slice(0, cut)] = flag.slice(cut + 1);
  }
  return tags;
}

function durationOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new ConfigError(
      'BAD_VALUE',
      `Error: ${error.message} (${flag} takes a value such as 30s or 1m30s)`,
      {
        cause: error,
      },
    );
  }
}

function list(values: readonly string[] | undefined): string[] | undefined {
  return values === undefined ? undefined : [...values];
}
