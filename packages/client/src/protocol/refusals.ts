/** How an agent refuses, word for word (spec/05 §15). */
export const refusals = {
  unsupportedCommand: 'Unsupported command',
  unsupportedVersion: 'Unsupported IPC version',
  handshakeDone: 'Handshake already performed',
  handshakeRequired: 'Handshake required',
  monitorExists: 'Monitor already exists',
  invalidFilter: 'Invalid event filter',
  streamExists: 'Stream with given sequence exists',
  noPendingQuery: 'No pending queries matching ID',
  reservedQueryName: "Queries cannot contain the '_serf_' prefix",
  authRequired: 'Authentication required',
  invalidToken: 'Invalid authentication token',
  unknownLogLevel: (level: string) => `Unknown log level: ${level}`,
} as const;

/** After these no body follows, whatever the command (spec/05 §7). */
export const bodilessRefusals: ReadonlySet<string> = new Set([
  refusals.authRequired,
  refusals.handshakeRequired,
  refusals.unsupportedCommand,
]);
