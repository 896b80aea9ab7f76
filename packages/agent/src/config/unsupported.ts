import { ConfigError } from './config-error.js';
import type { Settings } from './settings-schema.js';

/**
 * Keys of Serf's whose feature this version does not have. A node that starts and silently leaves out the operator's
 * metrics would be worse than one that does not start.
 */
export const unsupportedKeys = [
  'statsite_addr',
  'statsd_addr',
] as const satisfies readonly (keyof Settings)[];

/** @throws {ConfigError} that names the first of these keys that asks for something, from a file or by its flag */
export function refuseUnsupported(settings: Settings): void {
  const key = unsupportedKeys.find((name) => asks(settings[name]));
  if (key === undefined) return;
  throw new ConfigError(
    'NOT_SUPPORTED',
    `'${key}' is not supported by this version of tserf: remove it to start without`,
  );
}

function asks(value: string | boolean | undefined): boolean {
  return value !== undefined && Boolean(value);
}
