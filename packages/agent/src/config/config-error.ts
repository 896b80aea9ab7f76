/**
 * A configuration that cannot be used. The message is what the operator sees behind `==> `: Serf's words, then what
 * to do. Nothing has been opened when it is thrown.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ConfigErrorCode =
  | 'UNREADABLE_FILE'
  | 'BAD_FILE'
  | 'BAD_VALUE'
  | 'BAD_ADDRESS'
  | 'NOT_SUPPORTED';
