import { handlerSchema } from '../handlers/handler-schema.js';
import { describeIssue, nameOf, type Problem } from './describe-issue.js';
import type { SettingPath } from './layers.js';
import { isKeptAsWritten, mdnsSchema, type Settings, settingsSchema } from './settings-schema.js';
import { childOf, type Position, type SourceEntry, type SourceValue } from './source-tree.js';

export type { Problem };

export type Decoded =
  | {
      readonly settings: Settings;
      /** Where a value of the settings stands, or what it is part of. */
      readonly placeOf: (path: SettingPath) => Position;
      readonly problems?: never;
    }
  | { readonly settings?: never; readonly problems: readonly Problem[] };

export interface DecodeOptions {
  /** YAML has no quotes to tell 1.10 from "1.10"; JSON has. */
  readonly keepsSource: boolean;
}

/**
 * Checks what a file says against the schema (spec/07 §2.2). All that is wrong is found at once, in the order of the
 * file; keys are compared without regard to case, and `null` is the same as absent.
 */
export function decodeSettings(source: SourceValue, options: DecodeOptions): Decoded {
  if (source.type === 'null') return { settings: {}, placeOf: () => source.at };
  if (source.type !== 'map') {
    const text = `the file must hold an object, not ${nameOf(source)}`;
    return { problems: [{ at: source.at, text }] };
  }

  const root = { ...source, entries: canonical(source.entries, Object.keys(settingsSchema.shape)) };
  const result = settingsSchema.safeParse(plainOf(root, options.keepsSource, []));
  const problems = result.success
    ? []
    : result.error.issues.flatMap((issue) => describeIssue(issue, root, keysAt));
  problems.push(...forbiddenTags(childOf(root, 'tags')?.value));
  if (result.success && problems.length === 0) {
    return { settings: result.data, placeOf: (path) => placeIn(root, path) };
  }
  return { problems: problems.sort(byPlace) };
}

/**
 * Entries under the schema's spelling of their keys. The exact spelling wins over another one; the loser keeps its own
 * and so is unknown, so that nobody reads over it.
 */
function canonical(entries: readonly SourceEntry[], keys: readonly string[]): SourceEntry[] {
  const byLowerCase = new Map(keys.map((key) => [key.toLowerCase(), key]));
  const taken = new Set(entries.map(({ key }) => key).filter((key) => keys.includes(key)));
  return entries.map((entry) => {
    const meant = byLowerCase.get(entry.key.toLowerCase());
    if (meant === undefined || (meant !== entry.key && taken.has(meant))) return entry;
    taken.add(meant);
    if (meant !== 'mdns' || entry.value.type !== 'map') return { ...entry, key: meant };
    const inner = canonical(entry.value.entries, Object.keys(mdnsSchema.shape));
    return { ...entry, key: meant, value: { ...entry.value, entries: inner } };
  });
}

/** The value without its places. A `null` inside a list or among tags is the empty text, as in Serf. */
function plainOf(value: SourceValue, keepsSource: boolean, path: readonly string[]): unknown {
  switch (value.type) {
    case 'text':
      return value.value;
    case 'number':
    case 'boolean':
      return keepsSource && isKeptAsWritten(path) ? value.source : value.value;
    case 'null':
      if (isAbsentWhenNull(path)) return undefined;
      return keepsSource && isKeptAsWritten(path) ? value.source : '';
    case 'list':
      return value.items.map((item, index) => plainOf(item, keepsSource, [...path, String(index)]));
    case 'map':
      return Object.fromEntries(
        value.entries.map(({ key, value }) => [key, plainOf(value, keepsSource, [...path, key])]),
      );
    default:
      return value satisfies never;
  }
}

function isAbsentWhenNull([key, ...rest]: readonly string[]): boolean {
  if (rest.length === 0 || key === 'mdns') return true;
  return key === 'handlers' && rest[1] !== 'where';
}

function keysAt(path: readonly (string | number)[]): readonly string[] {
  const [key, , inner] = path;
  if (key === undefined) return Object.keys(settingsSchema.shape);
  if (key === 'mdns') return Object.keys(mdnsSchema.shape);
  if (key !== 'handlers') return [];
  return inner === 'retry' ? ['attempts', 'delay', 'max_delay'] : Object.keys(handlerSchema.shape);
}

function placeIn(root: SourceValue, path: SettingPath): Position {
  let found: SourceValue | undefined = root;
  let { at } = root;
  for (const step of path) {
    const next = childOf(found, step);
    // An entry of a map is found by its key; an item of a list has none.
    at = next?.keyAt ?? next?.value.at ?? at;
    found = next?.value;
  }
  return at;
}

/** In JavaScript this one name is no ordinary key, and would vanish without a word. */
function forbiddenTags(tags: SourceValue | undefined): Problem[] {
  const entries = tags?.type === 'map' ? tags.entries : [];
  return entries
    .filter(({ key }) => key === '__proto__')
    .map(({ at }) => ({ at, text: "'tags' must not hold the name '__proto__'" }));
}

function byPlace(a: Problem, b: Problem): number {
  return a.at.line - b.at.line || a.at.column - b.at.column;
}
