import { ConfigError } from './config-error.js';
import type { Settings } from './settings-schema.js';

/**
 * Refuses settings that ask for a feature of Serf's which this version does not have. A node that starts and silently
 * leaves out the operator's handlers or snapshot would be worse than one that does not start.
 */
export function refuseUnsupported(settings: Settings): void {
  const [key] = asked(settings);
  if (key === undefined) return;
  throw new ConfigError(
    'NOT_SUPPORTED',
    `'${key}' is not supported by this version of tserf: remove it to start without`,
  );
}

function asked(settings: Settings): string[] {
  const wanted: Readonly<Record<string, boolean>> = {
    event_handlers: (settings.event_handlers ?? []).length > 0,
    snapshot_path: (settings.snapshot_path ?? '') !== '',
    tags_file: (settings.tags_file ?? '') !== '',
    discover: (settings.discover ?? '') !== '',
    enable_syslog: settings.enable_syslog === true,
    statsite_addr: (settings.statsite_addr ?? '') !== '',
    statsd_addr: (settings.statsd_addr ?? '') !== '',
  };
  return Object.keys(wanted).filter((key) => wanted[key]);
}
