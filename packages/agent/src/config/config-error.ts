import type { SettingPath } from './layers.js';

/**
 * A configuration that cannot be used. The message is what the operator sees behind `==> `: Serf's words, then what
 * to do. Nothing has been opened when it is thrown.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;
  /** The setting that is wrong, if it is one. */
  readonly path: SettingPath | undefined;
  /** Of a file: everything that is wrong in it, a line each, with its place. */
  readonly problems: readonly string[];

  constructor(code: ConfigErrorCode, message: string, options: ConfigErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.path = options.path;
    this.problems = options.problems ?? [message];
  }
}

interface ConfigErrorOptions {
  readonly cause?: unknown;
  readonly path?: SettingPath | undefined;
  readonly problems?: readonly string[];
}

export type ConfigErrorCode = 'UNREADABLE_FILE' | 'BAD_FILE' | 'BAD_VALUE' | 'BAD_ADDRESS';
