import type { Settings } from './settings-schema.js';

/**
 * Lays `later` over `earlier` (spec/07 §4). The rule follows from the kind of value: a text replaces when it is not
 * empty, a number when it is not 0, `true` replaces and `false` never undoes one; lists grow; tags are merged by
 * name. So nothing can be emptied or switched off from a later file, which is how Serf's users know it.
 */
export function mergeSettings(earlier: Settings, later: Settings): Settings {
  const merged = mergeByKind(earlier, later) as Settings;
  // An empty tag is a tag, unlike other empty texts.
  if (later.tags !== undefined) merged.tags = { ...earlier.tags, ...later.tags };
  // A protocol below 1 is "not given", unlike other numbers.
  if ((later.protocol ?? 0) < 1) merged.protocol = earlier.protocol;
  return merged;
}

function mergeByKind(earlier: object, later: object): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) merged[key] = mergeValue(merged[key], value);
  return merged;
}

function mergeValue(earlier: unknown, later: unknown): unknown {
  if (Array.isArray(later)) return Array.isArray(earlier) ? [...earlier, ...later] : later;
  if (isObject(later)) return isObject(earlier) ? mergeByKind(earlier, later) : later;
  // What says nothing: '', 0, false, undefined.
  return later || earlier === undefined ? later : earlier;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
