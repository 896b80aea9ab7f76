import type { LogLevel } from '@tserf/core';

/** Syslog's facilities under the names that Serf takes, with their numbers (RFC 3164 §4.1.1). */
export const facilities: Readonly<Record<string, number>> = {
  KERN: 0,
  USER: 1,
  MAIL: 2,
  DAEMON: 3,
  AUTH: 4,
  SYSLOG: 5,
  LPR: 6,
  NEWS: 7,
  UUCP: 8,
  CRON: 9,
  AUTHPRIV: 10,
  FTP: 11,
  LOCAL0: 16,
  LOCAL1: 17,
  LOCAL2: 18,
  LOCAL3: 19,
  LOCAL4: 20,
  LOCAL5: 21,
  LOCAL6: 22,
  LOCAL7: 23,
};

/** As Serf has them: what is no trouble goes one step lower than its name (spec/07 §12.5). */
const severities: { readonly [level in LogLevel]: number } = {
  TRACE: 7,
  DEBUG: 6,
  INFO: 5,
  WARN: 4,
  ERR: 3,
};

/** The number in front of a record. `facility` is one of the names above. */
export function priority(facility: string, level: LogLevel): number {
  return (facilities[facility] ?? 0) * 8 + severities[level];
}
