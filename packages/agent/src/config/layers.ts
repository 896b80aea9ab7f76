import type { AgentFlags } from '../flags.js';
import { readConfigFiles } from './config-files.js';
import { flagOfKey } from './flag-names.js';
import { settingsOfFlags } from './flag-settings.js';
import { mergeSettings } from './merge-settings.js';
import type { Origin } from './origin.js';
import type { Settings } from './settings-schema.js';

/** Where a value stands among the settings: `['tags', 'role']`, `['start_join', '0']`. */
export type SettingPath = readonly [key: keyof Settings, ...rest: string[]];

/** What one source says, and where it says it. */
export interface Layer {
  readonly settings: Settings;
  origin(path: SettingPath): Origin | undefined;
}

/**
 * Everything that was given to a node: files in their order, then flags (spec/07 §4). The flags are read first, so that
 * a mistake in them is told before any file is opened.
 *
 * @throws {ConfigError}
 */
export async function readLayers(flags: AgentFlags): Promise<Layer[]> {
  const ofFlags: Layer = { settings: settingsOfFlags(flags), origin: flagOrigin };
  return [...(await readConfigFiles(flags.configPaths ?? [])), ofFlags];
}

/** All layers as one, the later over the earlier. */
export function mergeLayers(layers: readonly Layer[]): Settings {
  return layers.reduce<Settings>((merged, { settings }) => mergeSettings(merged, settings), {});
}

/**
 * Which source a merged value came from; undefined when none gave it. Follows the merge rules: of a list, each item has
 * its own origin; of anything else the last source that says something has the word.
 */
export function originOf(layers: readonly Layer[], path: SettingPath): Origin | undefined {
  const [key, index] = path;
  if (index !== undefined && layers.some(({ settings }) => Array.isArray(settings[key]))) {
    return itemOrigin(layers, path);
  }
  return layers.findLast(({ settings }) => says(settings, path))?.origin(path);
}

function itemOrigin(layers: readonly Layer[], [key, index, ...rest]: SettingPath) {
  let before = 0;
  for (const layer of layers) {
    const items = layer.settings[key];
    if (!Array.isArray(items)) continue;
    const own = Number(index) - before;
    if (own < items.length) return layer.origin([key, String(own), ...rest]);
    before += items.length;
  }
  return undefined;
}

/** Whether merging these settings would give the value, or replace it (spec/07 §4). */
function says(settings: Settings, [key, ...rest]: SettingPath): boolean {
  let value: unknown = settings[key];
  for (const step of rest) value = (value as Record<string, unknown> | undefined)?.[step];
  // An empty tag is a tag, and a protocol below 1 is none.
  if (key === 'tags' && rest.length > 0) return value !== undefined;
  if (key === 'protocol') return Number(value ?? 0) > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function flagOrigin([key, inner]: SettingPath): Origin {
  const name = flagOfKey.get(key) ?? flagOfKey.get(`${key}.${inner}`) ?? key;
  return { type: 'flag', flag: name };
}
