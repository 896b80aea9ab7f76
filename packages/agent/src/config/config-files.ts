import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from './config-error.js';
import type { Problem } from './decode-settings.js';
import type { Layer } from './layers.js';
import { placeText } from './origin.js';
import { SourceSyntaxError } from './source-tree.js';

/** More than any configuration; less than what would stop a node from starting in time. */
const sizeLimitBytes = 4 * 1024 * 1024;

/**
 * Reads the files and directories that `-config-file` and `-config-dir` name, in order (spec/07 §2.1). A file may have
 * any name; of a directory only `.json`, `.yaml` and `.yml` are read, in byte order of their names.
 *
 * @throws {ConfigError} at the first file that cannot be read or decoded
 */
export async function readConfigFiles(paths: readonly string[]): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const path of paths) {
    for (const file of await configFilesAt(path)) layers.push(await readConfigFile(file));
  }
  return layers;
}

/** The file itself, or the configuration files of the directory. */
export async function configFilesAt(path: string): Promise<string[]> {
  const found = await reading(path, () => stat(path));
  if (!found.isDirectory()) return [path];
  const entries = await reading(path, () => readdir(path, { withFileTypes: true }));
  return entries
    .filter((entry) => !entry.isDirectory() && /\.(json|yaml|yml)$/.test(entry.name))
    .map((entry) => entry.name)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => join(path, name));
}

/**
 * One file. `.yaml` and `.yml` are YAML, everything else is JSON, as Serf takes it.
 *
 * @throws {ConfigError} with everything that is wrong in it
 */
export async function readConfigFile(path: string): Promise<Layer> {
  const text = await textOf(path);
  const isYaml = /\.ya?ml$/.test(path);
  // Loaded here, because a start without files must not pay for them.
  const [{ decodeSettings }, read] = await Promise.all([
    import('./decode-settings.js'),
    isYaml
      ? import('./yaml-source.js').then((module) => module.readYaml)
      : import('./json-source.js').then((module) => module.readJson),
  ]);

  try {
    const decoded = decodeSettings(read(text), { keepsSource: isYaml });
    if (decoded.problems !== undefined) throw badFile(path, decoded.problems);
    const { settings, placeOf } = decoded;
    return { settings, origin: (at) => ({ type: 'file', file: path, at: placeOf(at) }) };
  } catch (error) {
    if (!(error instanceof SourceSyntaxError)) throw error;
    throw badFile(path, [{ at: error.at, text: error.message }], error);
  }
}

function badFile(path: string, problems: readonly Problem[], cause?: Error): ConfigError {
  const lines = problems.map(({ at, text }) => `${placeText(path, at)}: ${text}`);
  const [only = ''] = lines;
  const text = lines.length === 1 ? only : `${lines.length} problems:\n    ${lines.join('\n    ')}`;
  return new ConfigError('BAD_FILE', `Error decoding '${path}': ${text}`, {
    cause,
    problems: lines,
  });
}

async function textOf(path: string): Promise<string> {
  const bytes = await bytesOf(path);
  if (bytes.length > sizeLimitBytes) {
    throw new ConfigError(
      'UNREADABLE_FILE',
      `Error reading '${path}': larger than ${sizeLimitBytes} bytes`,
    );
  }
  // A byte order mark is kept, so that JSON refuses it as Serf does.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** As much of a file as there may be, and a little more. Pipes and devices have no size to ask for before. */
async function bytesOf(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: sizeLimitBytes })) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    const verb = codeOf(error) === 'EISDIR' ? 'decoding' : 'reading';
    throw new ConfigError(
      'UNREADABLE_FILE',
      `Error ${verb} '${path}': ${systemText(error, path)}`,
      { cause: error },
    );
  }
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new ConfigError(
      'UNREADABLE_FILE',
      `Error reading '${path}': ${systemText(error, path)}`,
      { cause: error },
    );
  }
}

const goTexts: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or directory'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'is a directory'],
  ['ENOTDIR', 'not a directory'],
  ['ELOOP', 'too many levels of symbolic links'],
]);

function systemText(error: unknown, path: string): string {
  const code = codeOf(error);
  const text = goTexts.get(code ?? '') ?? (error instanceof Error ? error.message : String(error));
  return code === 'EISDIR' ? `read ${path}: ${text}` : `open ${path}: ${text}`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
