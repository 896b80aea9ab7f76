import type { AgentConfig } from '../config/agent-config.js';

/** Fields that an agent takes over while it runs, by the keys that stand for them (spec/07 §11). */
export const reloadableFields = {
  tags: 'tags',
  event_handlers: 'eventHandlers',
  event_handler_timeout: 'eventHandlerTimeoutMs',
  handlers: 'handlers',
  leave_on_terminate: 'leaveOnTerminate',
  skip_leave_on_interrupt: 'skipLeaveOnInterrupt',
  log_level: 'logLevel',
} as const satisfies Readonly<Record<string, keyof AgentConfig>>;

export type ReloadableConfig = Pick<
  AgentConfig,
  (typeof reloadableFields)[keyof typeof reloadableFields]
>;

/** What of a configuration an agent takes over. */
export function reloadableOf(config: ReloadableConfig): ReloadableConfig {
  const fields: readonly string[] = Object.values(reloadableFields);
  const entries = Object.entries(config).filter(([field]) => fields.includes(field));
  return Object.fromEntries(entries) as unknown as ReloadableConfig;
}
