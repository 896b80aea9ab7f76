import type { LogLevel, ProfileName, Tags } from '@tserf/core';
import type { HandlerConfig } from '../handlers/handler-config.js';

/** One node, completely described: every field is present and checked. Times are milliseconds. */
export interface AgentConfig {
  readonly node: string;
  readonly tags: Tags;
  /** Where tags that are set at run time are kept; excludes `tags`. */
  readonly tagsFile: string | undefined;
  /** Host is an IP address, or empty for every address; port 0 lets the system choose. */
  readonly bind: { readonly host: string; readonly port: number };
  readonly advertise: { readonly host: string; readonly port: number } | undefined;
  /** Base64 of 16, 24 or 32 bytes. */
  readonly encryptionKey: string | undefined;
  readonly keyringFile: string | undefined;
  /** What the console shows; the ring and RPC monitors have every level. */
  readonly logLevel: LogLevel;
  /** `host:port`, as the operator wrote it; port 0 lets the system choose. */
  readonly rpcAddr: string;
  /** Empty: no token asked for. */
  readonly rpcAuth: string;
  readonly protocol: number;
  readonly profile: ProfileName;
  readonly compression: boolean;
  /** memberlist's label; empty is Serf's own world. */
  readonly cluster: string;
  readonly startJoin: readonly string[];
  readonly replayOnJoin: boolean;
  readonly retryJoin: readonly string[];
  readonly retryIntervalMs: number;
  /** Retries after the first attempt; 0 is no limit. */
  readonly retryMaxAttempts: number;
  readonly leaveOnTerminate: boolean;
  readonly skipLeaveOnInterrupt: boolean;
  /** Serf's form, `FILTER=SCRIPT`, in the order in which they run. */
  readonly eventHandlers: readonly string[];
  /** After it, a script in Serf's form is ended. Absent, as in Serf: never. */
  readonly eventHandlerTimeoutMs: number | undefined;
  /** tserf's own form, which has queues, time-outs and conditions. */
  readonly handlers: readonly HandlerConfig[];
  readonly snapshotPath: string | undefined;
  readonly rejoinAfterLeave: boolean;
  /** Name of the cluster that is looked for by mDNS; empty looks for none. */
  readonly discover: string;
  readonly mdns: {
    /** Falls back to the one that `interface` names. */
    readonly interface: string | undefined;
    readonly disableIPv4: boolean;
    readonly disableIPv6: boolean;
  };
  /** `facility` is in upper case and one that syslog knows, if enabled. */
  readonly syslog: { readonly enabled: boolean; readonly facility: string };
  /** `host:port`, as the operator wrote it. */
  readonly statsdAddr: string | undefined;
  readonly statsiteAddr: string | undefined;
  readonly userEventSizeLimit: number;
  readonly querySizeLimit: number;
  readonly queryResponseSizeLimit: number;
  /** What goes by stream, being too large for a packet. */
  readonly queryResponseStreamLimit: number;
  /** A conflict of names is logged, and nobody votes or quits. */
  readonly disableNameResolution: boolean;
  readonly disableCoordinates: boolean;
  readonly broadcastTimeoutMs: number;
  readonly reconnectIntervalMs: number;
  readonly reconnectTimeoutMs: number;
  readonly tombstoneTimeoutMs: number;
}

/** Serf's defaults (spec/07 §3); a name there is none for. */
export const defaultConfig: Omit<AgentConfig, 'node'> = {
  tags: {},
  tagsFile: undefined,
  bind: { host: '0.0.0.0', port: 7946 },
  advertise: undefined,
  encryptionKey: undefined,
  keyringFile: undefined,
  logLevel: 'INFO',
  rpcAddr: '127.0.0.1:7373',
  rpcAuth: '',
  protocol: 5,
  profile: 'lan',
  compression: true,
  cluster: '',
  startJoin: [],
  replayOnJoin: false,
  retryJoin: [],
  retryIntervalMs: 30_000,
  retryMaxAttempts: 0,
  leaveOnTerminate: false,
  skipLeaveOnInterrupt: false,
  eventHandlers: [],
  eventHandlerTimeoutMs: undefined,
  handlers: [],
  snapshotPath: undefined,
  rejoinAfterLeave: false,
  discover: '',
  mdns: { interface: undefined, disableIPv4: false, disableIPv6: false },
  syslog: { enabled: false, facility: 'LOCAL0' },
  statsdAddr: undefined,
  statsiteAddr: undefined,
  userEventSizeLimit: 512,
  querySizeLimit: 1_024,
  queryResponseSizeLimit: 1_024,
  queryResponseStreamLimit: 1_048_576,
  disableNameResolution: false,
  disableCoordinates: false,
  broadcastTimeoutMs: 5_000,
  reconnectIntervalMs: 30_000,
  reconnectTimeoutMs: 86_400_000,
  tombstoneTimeoutMs: 86_400_000,
};
