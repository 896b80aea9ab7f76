import { Document, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import type { AgentFlags } from '../flags.js';
import { startProblems } from './check-settings.js';
import { effectiveSettings, type SettingValue } from './effective-settings.js';
import { type Layer, mergeLayers, originOf, readLayers, type SettingPath } from './layers.js';
import { originText } from './origin.js';
import { located, resolveLayers } from './resolve-config.js';

export interface ShowOptions {
  readonly format: 'yaml' | 'json';
  /** Otherwise a key or a token is only said to be there. */
  readonly showsSecrets: boolean;
  /** Takes a warning, in a line. */
  readonly notice: (line: string) => void;
}

/**
 * The configuration that an agent would have with these flags, and where each value comes from: a place in a file, a flag
 * or the default. The YAML is a file that an agent reads. Ends with a line end.
 *
 * @throws {ConfigError} when an agent would not start with them
 */
export async function showConfig(flags: AgentFlags, options: ShowOptions): Promise<string> {
  const layers = await readLayers(flags);
  const config = await resolveLayers(layers, options.notice);
  for (const problem of startProblems(mergeLayers(layers))) {
    options.notice(`An agent would not start: ${located(problem, layers).message}`);
  }
  const settings = new Map(effectiveSettings(config));
  if (!options.showsSecrets) {
    for (const key of ['encrypt_key', 'rpc_auth']) {
      if (settings.get(key) !== '') settings.set(key, hidden);
    }
  }
  const origins = originsOf(settings, layers);
  return options.format === 'yaml' ? yamlText(settings, origins) : jsonText(settings, origins);
}

const hidden = '(hidden, see -show-secrets)';

/** By path: `tags.role`, `start_join.0`. */
type Origins = ReadonlyMap<string, string>;

function originsOf(settings: ReadonlyMap<string, SettingValue>, layers: readonly Layer[]): Origins {
  const origins = new Map<string, string>();
  for (const [key, value] of settings) {
    for (const path of pathsOf(key, value)) origins.set(path.join('.'), describe(path, layers));
  }
  return origins;
}

/** Of what can come from several sources, each part has its own; a handler is one. */
function pathsOf(key: string, value: SettingValue): (readonly [string, ...string[]])[] {
  if (typeof value !== 'object') return [[key]];
  const steps = Object.keys(value);
  return steps.length === 0 ? [[key]] : steps.map((step) => [key, step] as const);
}

function describe(path: readonly [string, ...string[]], layers: readonly Layer[]): string {
  const [key] = path;
  // The flag alone counts, whatever a file says.
  if (key === 'enable_compression') {
    return layers.at(-1)?.settings.enable_compression === false
      ? '-disable-compression'
      : 'default';
  }
  for (const source of sourcesOf(path)) {
    const origin = originOf(layers, source as unknown as SettingPath);
    if (origin !== undefined) return originText(origin);
  }
  return key === 'node_name' ? 'name of this host' : 'default';
}

/** The settings that a value can come from, the one that has the word first. */
function sourcesOf(path: readonly [string, ...string[]]): (readonly string[])[] {
  const [key, inner] = path;
  if (key === 'tags' && inner === 'role') return [['role'], path];
  if (key === 'bind' || (key === 'mdns' && inner === 'interface')) return [path, ['interface']];
  return [path];
}

function jsonText(settings: ReadonlyMap<string, SettingValue>, origins: Origins): string {
  const shown = { settings: Object.fromEntries(settings), origins: Object.fromEntries(origins) };
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

function yamlText(settings: ReadonlyMap<string, SettingValue>, origins: Origins): string {
  const document = new Document(Object.fromEntries(settings), { version: '1.2' });
  if (!isMap(document.contents)) throw new Error('settings are a map');
  for (const pair of document.contents.items as Pair<Scalar<string>, Node>[]) {
    comment(pair.key.value, pair.value, origins);
  }
  const text = document.toString({ lineWidth: 0 });
  // The library has no place for a comment behind an empty list.
  return text.replaceAll(/^(\w+): (\[\]|\{\})$/gm, (line, key) => `${line} # ${origins.get(key)}`);
}

function comment(key: string, value: Node | null, origins: Origins): void {
  if (value === null) return;
  if (isScalar(value)) mark(value, origins.get(key));
  if (isSeq(value)) {
    for (const [index, item] of value.items.entries()) mark(item, origins.get(`${key}.${index}`));
  }
  if (isMap(value)) {
    for (const { key: name, value: item } of value.items as Pair<Scalar<string>, Node>[]) {
      mark(item, origins.get(`${key}.${name.value}`));
    }
  }
}

/** Behind a scalar, above anything that needs lines of its own. */
function mark(value: unknown, origin: string | undefined): void {
  const node = value as Node;
  if (isMap(node) || isSeq(node)) node.commentBefore = ` ${origin}`;
  else node.comment = ` ${origin}`;
}
