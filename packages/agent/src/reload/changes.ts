import { isDeepStrictEqual } from 'node:util';
import { printable } from '@tserf/core';
import { effectiveSettings, type SettingValue } from '../config/effective-settings.js';
import type { ConfigInUse } from '../config/reload-config.js';
import { reloadableFields } from './reloadable.js';

/** How a configuration differs from the one in use. */
export interface ConfigChanges {
  /** What an agent takes over while it runs, a line each. */
  readonly applied: readonly string[];
  /** Keys that count at a start only. */
  readonly needRestart: readonly string[];
}

export function changesBetween(before: ConfigInUse, after: ConfigInUse): ConfigChanges {
  const old = effectiveSettings(before.config);
  const applied: string[] = [];
  // Addresses were not looked up again: what was written for them says whether they are others.
  const needRestart: string[] = (['bind', 'advertise', 'interface'] as const).filter(
    (key) => (before.settings[key] || '') !== (after.settings[key] || ''),
  );
  for (const [key, value] of effectiveSettings(after.config)) {
    const was = old.get(key) ?? '';
    if (isDeepStrictEqual(plain(was), plain(value))) continue;
    if (Object.hasOwn(reloadableFields, key)) applied.push(...describe(key, was, value));
    else needRestart.push(key);
  }
  return { applied: applied.map(printable), needRestart };
}

/** Without prototypes, which count in a comparison. */
function plain(value: SettingValue): unknown {
  return JSON.parse(JSON.stringify(value));
}

function describe(key: string, was: SettingValue, is: SettingValue): string[] {
  if (isList(was) && isList(is)) return describeList(key, was, is);
  if (typeof was !== 'object' || typeof is !== 'object') return [`${key}: ${is} (was ${was})`];
  return describeTags(key, was as StringMap, is as StringMap);
}

type StringMap = Readonly<Record<string, string>>;

function describeTags(key: string, was: StringMap, is: StringMap): string[] {
  const set = Object.entries(is)
    .filter(([name, value]) => was[name] !== value)
    .map(([name, value]) => {
      const before = Object.hasOwn(was, name) ? ` (was ${was[name]})` : '';
      return `${key}: ${name}=${value}${before}`;
    });
  const gone = Object.keys(was).filter((name) => !Object.hasOwn(is, name));
  return [...set, ...gone.map((name) => `${key}: ${name} removed`)];
}

/** Entries are known by their text or name. */
function describeList(
  key: string,
  was: readonly SettingValue[],
  is: readonly SettingValue[],
): string[] {
  const added = is.filter((entry) => !was.some((other) => labelOf(other) === labelOf(entry)));
  const gone = was.filter((entry) => !is.some((other) => labelOf(other) === labelOf(entry)));
  const changed = is.filter((entry) => {
    const other = was.find((candidate) => labelOf(candidate) === labelOf(entry));
    return other !== undefined && !isDeepStrictEqual(plain(other), plain(entry));
  });
  const lines = [
    ...added.map((entry) => `${key}: ${labelOf(entry)} added`),
    ...changed.map((entry) => `${key}: ${labelOf(entry)} changed`),
    ...gone.map((entry) => `${key}: ${labelOf(entry)} removed`),
  ];
  return lines.length > 0 ? lines : [`${key}: in another order, or another number of times`];
}

function labelOf(entry: SettingValue): string {
  if (typeof entry !== 'object' || isList(entry)) return String(entry);
  return String((entry as { readonly name?: SettingValue }).name);
}

function isList(value: SettingValue): value is readonly SettingValue[] {
  return Array.isArray(value);
}
