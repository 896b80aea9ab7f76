export {
  Agent,
  type AgentEnd,
  type AgentObserver,
  type AgentOptions,
} from './agent.js';
export { type AgentConfig, defaultConfig } from './config/agent-config.js';
export { checkConfigFiles, type FileReport } from './config/check-files.js';
export { ConfigError, type ConfigErrorCode } from './config/config-error.js';
export { configJsonSchema, showConfig } from './config/inspect-config.js';
export { resolveConfig } from './config/resolve-config.js';
export type { ShowOptions } from './config/show-config.js';
export type { TextSink } from './console/console.js';
export type { AgentFlags } from './flags.js';
export { DurationError, formatGoDuration, parseGoDuration } from './go-duration.js';
export type { LogRecord } from './log-record.js';
export type { HostEvent, RpcHost } from './rpc/host.js';
export { type RunOptions, runAgent } from './run-agent.js';
export type { SignalSource } from './signals.js';
export { AgentStartError } from './start-error.js';
