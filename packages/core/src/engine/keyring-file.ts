import { readFile, stat } from 'node:fs/promises';
import { errorCode, systemErrorText } from '../net/system-error.js';
import { decodeKeyText, KeyTextError } from '../wire/key-text.js';
import { Keyring, KeyringError } from '../wire/keyring.js';

/** A keyring file that cannot be used; the message is Serf's (spec/07 §5.3). */
export class KeyringFileError extends Error {
  override readonly name = 'KeyringFileError';
}

export interface KeyringFile {
  /** Raw keys, primary first, without duplicates. */
  readonly keys: readonly Uint8Array[];
  /** How many the file holds, duplicates included: what the log says. */
  readonly count: number;
}

/** A few thousand keys: whatever is larger is another file. */
const fileLimitBytes = 1024 * 1024;

/**
 * Reads a keyring file: a JSON array of base64 keys, the first one primary (spec/07 §18). Rejects with a
 * KeyringFileError.
 */
export async function readKeyringFile(path: string): Promise<KeyringFile> {
  const texts = decodeTexts(await readText(path));
  if (texts.length === 0) throw new KeyringFileError('Keyring file contains no keys');
  const keys = texts.map(decodeKey);
  return { keys: restore(keys), count: texts.length };
}

async function readText(path: string): Promise<string> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new KeyringFileError(`stat ${path}: ${systemErrorText(cause)}`, { cause });
  });
  if (size > fileLimitBytes) {
    throw new KeyringFileError(
      `Failed to read keyring file: ${path} has ${size} bytes, at most ${fileLimitBytes} are read`,
    );
  }
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const step = errorCode(cause) === 'EISDIR' ? 'read' : 'open';
    const reason = `${step} ${path}: ${systemErrorText(cause)}`;
    throw new KeyringFileError(`Failed to read keyring file: ${reason}`, { cause });
  });
}

function decodeTexts(json: string): string[] {
  const value = parse(json);
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrongKind(value, '[]string');
  return value.map((text: unknown) => {
    if (typeof text !== 'string') throw wrongKind(text, 'string');
    return text;
  });
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const words = reason.charAt(0).toLowerCase() + reason.slice(1);
    throw new KeyringFileError(`Failed to decode keyring file: ${words}`, { cause });
  }
}

function wrongKind(value: unknown, wanted: string): KeyringFileError {
  const kind = typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? 'array' : typeof value;
  return new KeyringFileError(
    `Failed to decode keyring file: json: cannot unmarshal ${kind} into Go value of type ${wanted}`,
  );
}

function decodeKey(text: string): Uint8Array {
  try {
    return decodeKeyText(text);
  } catch (cause) {
    if (!(cause instanceof KeyTextError)) throw cause;
    throw new KeyringFileError(`Failed to decode key from keyring: ${cause.message}`, { cause });
  }
}

function restore(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  if (keys[0]?.length === 0) {
    throw new KeyringFileError('Failed to restore keyring: empty primary key not allowed');
  }
  try {
    return new Keyring(keys, keys[0]).keys;
  } catch (cause) {
    if (!(cause instanceof KeyringError)) throw cause;
    throw new KeyringFileError(`Failed to restore keyring: ${cause.message}`, { cause });
  }
}
