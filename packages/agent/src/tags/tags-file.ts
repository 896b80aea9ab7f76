import { readFile, stat } from 'node:fs/promises';
import { replaceFile, systemErrorText, type Tags } from '@tserf/core';

/** A tags file that cannot be used; the message is Serf's (spec/07 §5.3, §17). */
export class TagsFileError extends Error {
  override readonly name = 'TagsFileError';
}

/** Tags are 512 bytes at most, encoded; whatever is larger than this is another file. */
const sizeLimitBytes = 1024 * 1024;

/** Only for its owner: tags may say more than the neighbours need to know. */
const newFileMode = 0o600;

/**
 * Reads a tags file: a JSON object of texts. Undefined when there is none, which is how a node starts for the first
 * time. Rejects with a TagsFileError.
 */
export async function readTagsFile(path: string): Promise<Tags | undefined> {
  const text = await textOf(path);
  return text === undefined ? undefined : decode(text);
}

/** Replaces the file, in Serf's bytes. Rejects with a TagsFileError; then the file is as it was. */
export async function writeTagsFile(path: string, tags: Tags): Promise<void> {
  try {
    await replaceFile(path, formatTags(tags), newFileMode);
  } catch (cause) {
    const reason = `open ${path}: ${systemErrorText(cause)}`;
    throw new TagsFileError(`Failed to write tags file: ${reason}`, { cause });
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size <= sizeLimitBytes) return await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return undefined;
    const step = code === 'EISDIR' ? 'read' : 'open';
    const reason = `${step} ${path}: ${systemErrorText(cause)}`;
    throw new TagsFileError(`Failed to read tags file: ${reason}`, { cause });
  }
  throw new TagsFileError(
    `Failed to read tags file: ${path} has more than ${sizeLimitBytes} bytes`,
  );
}

function decode(text: string): Tags {
  const value = parse(text);
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw wrongKind(value, 'map[string]string');
  const entries = Object.entries(value).map(([name, tag]: [string, unknown]) => {
    if (tag !== null && typeof tag !== 'string') throw wrongKind(tag, `string: '${name}'`);
    return [name, tag ?? ''] as const;
  });
  // Not by assignment: a tag may have any name, `__proto__` too.
  return Object.fromEntries(entries);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const words = reason.charAt(0).toLowerCase() + reason.slice(1);
    throw new TagsFileError(`Failed to decode tags file: ${words}`, { cause });
  }
}

function wrongKind(value: unknown, wanted: string): TagsFileError {
  const name = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return new TagsFileError(
    `Failed to decode tags file: json: cannot unmarshal ${name} into Go value of type ${wanted}`,
  );
}

/** JSON as Go writes it: sorted by bytes, indented by two blanks, its own escapes, no line end at the end. */
export function formatTags(tags: Tags): string {
  const names = Object.keys(tags).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (names.length === 0) return '{}';
  const lines = names.map((name) => `  ${goText(name)}: ${goText(tags[name] ?? '')}`);
  return `{\n${lines.join(',\n')}\n}`;
}

function goText(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
