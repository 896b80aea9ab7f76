import type { LogLevel, ProfileName, Tags } from '@tserf/core';

/** One node, completely described: every field is present and checked. Times are milliseconds. */
export interface AgentConfig {
  readonly node: string;
  readonly tags: Tags;
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
  readonly broadcastTimeoutMs: number;
  readonly reconnectIntervalMs: number;
  readonly reconnectTimeoutMs: number;
  readonly tombstoneTimeoutMs: number;
}

/** Serf's defaults (spec/07 §3); a name there is none for. */
export const defaultConfig: Omit<AgentConfig, 'node'> = {
  tags: {},
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
  broadcastTimeoutMs: 5_000,
  reconnectIntervalMs: 30_000,
  reconnectTimeoutMs: 86_400_000,
  tombstoneTimeoutMs: 86_400_000,
};
