import type { z } from 'zod';
import { nearestKey } from './nearest-key.js';
import { keptAsWritten, mdnsSchema, type Settings, settingsSchema } from './settings-schema.js';
import type { Position, SourceEntry, SourceValue } from './source-tree.js';

/** What is wrong in a file, and where. */
export interface Problem {
  readonly at?: Position;
  readonly text: string;
}

export type Decoded =
  | { readonly settings: Settings; readonly problems?: never }
  | { readonly settings?: never; readonly problems: readonly Problem[] };

export interface DecodeOptions {
  /** YAML has no quotes to tell 1.10 from "1.10"; JSON has. */
  readonly keepsSource: boolean;
}

/**
 * Checks what a file says against the schema (spec/07 §2.2). All that is wrong is found at once, in the order of the
 * file; keys are compared without regard to case, and `null` is the same as absent.
 */
export function decodeSettings(root: SourceValue, options: DecodeOptions): Decoded {
  if (root.type === 'null') return { settings: {} };
  if (root.type !== 'map') {
    return {
      problems: [{ at: root.at, text: `the file must hold an object, not ${nameOf(root)}` }],
    };
  }

  const { known, unknown } = sortOut(root.entries, Object.keys(settingsSchema.shape));
  const plain: Record<string, unknown> = {};
  for (const [key, { value }] of known) {
    if (key === 'mdns' && value.type === 'map') {
      const inner = sortOut(value.entries, Object.keys(mdnsSchema.shape));
      plain[key] = Object.fromEntries(
        [...inner.known].map(([name, entry]) => [name, plainOf(entry.value)]),
      );
      unknown.push(...inner.unknown.map((entry) => ({ ...entry, key: `mdns.${entry.key}` })));
    } else {
      plain[key] = plainOf(value, options.keepsSource && keptAsWritten.has(key));
    }
  }

  const result = settingsSchema.safeParse(plain);
  const problems = result.success ? [] : result.error.issues.map((issue) => describe(issue, known));
  problems.push(...forbiddenTags(known.get('tags')?.value));
  if (unknown.length > 0) problems.push(describeUnknown(unknown));
  if (result.success && problems.length === 0) return { settings: result.data };
  return { problems: problems.sort(byPlace) };
}

interface SortedOut {
  readonly known: Map<string, SourceEntry>;
  readonly unknown: SourceEntry[];
}

/** The exact spelling of a key wins over another one; the loser is unknown, so that nobody reads over it. */
function sortOut(entries: readonly SourceEntry[], keys: readonly string[]): SortedOut {
  const exact = new Set(keys);
  const byLowerCase = new Map(keys.map((key) => [key.toLowerCase(), key]));
  const known = new Map(
    entries.filter(({ key }) => exact.has(key)).map((entry) => [entry.key, entry]),
  );
  const unknown: SourceEntry[] = [];
  for (const entry of entries) {
    if (exact.has(entry.key)) continue;
    const meant = byLowerCase.get(entry.key.toLowerCase());
    if (meant === undefined || known.has(meant)) unknown.push(entry);
    else known.set(meant, entry);
  }
  return { known, unknown };
}

/** The value without its places. A `null` inside a list or among tags is the empty text, as in Serf. */
function plainOf(value: SourceValue, asWritten = false, inside = false): unknown {
  switch (value.type) {
    case 'text':
      return value.value;
    case 'number':
    case 'boolean':
      return asWritten ? value.source : value.value;
    case 'null':
      return inside ? '' : undefined;
    case 'list':
      return value.items.map((item) => plainOf(item, asWritten, true));
    case 'map':
      return mapOf(value.entries, asWritten);
    default:
      return value satisfies never;
  }
}

function mapOf(entries: readonly SourceEntry[], asWritten: boolean): Record<string, unknown> {
  return Object.fromEntries(
    entries.map(({ key, value }) => [key, plainOf(value, asWritten, true)]),
  );
}

function describe(issue: z.core.$ZodIssue, known: ReadonlyMap<string, SourceEntry>): Problem {
  const [key = '', ...rest] = issue.path.map(String);
  const entry = known.get(key);
  const found = rest.reduce<SourceValue | undefined>(child, entry?.value);
  const at = found?.at ?? entry?.at ?? { line: 1, column: 1 };
  const name = `'${key}${rest.map((step) => `[${step}]`).join('')}'`;
  if (issue.code === 'custom') return { at, text: `${name}: ${issue.message}` };
  if (issue.code === 'too_big' || issue.code === 'too_small')
    return { at, text: `${name} is out of range` };
  const wanted =
    issue.code === 'invalid_type' ? (kinds.get(issue.expected) ?? issue.expected) : issue.message;
  return {
    at,
    text: `${name} must be ${wanted}, not ${found === undefined ? 'this' : nameOf(found)}`,
  };
}

function child(value: SourceValue | undefined, step: string): SourceValue | undefined {
  if (value?.type === 'list') return value.items[Number(step)];
  return value?.type === 'map' ? value.entries.find(({ key }) => key === step)?.value : undefined;
}

/** In JavaScript this one name is no ordinary key, and would vanish without a word. */
function forbiddenTags(tags: SourceValue | undefined): Problem[] {
  const entries = tags?.type === 'map' ? tags.entries : [];
  return entries
    .filter(({ key }) => key === '__proto__')
    .map(({ at }) => ({ at, text: "'tags' must not hold the name '__proto__'" }));
}

/** All of them in one message, in Serf's words, then where each one stands and which key was probably meant. */
function describeUnknown(unknown: readonly SourceEntry[]): Problem {
  const sorted = [...unknown].sort((a, b) => (a.key < b.key ? -1 : 1));
  const details = sorted.map(({ key, at }) => {
    const meant = nearestKey(key, Object.keys(settingsSchema.shape));
    const place = `'${key}' in line ${at.line}`;
    return meant === undefined ? place : `${place}, did you mean '${meant}'?`;
  });
  return {
    text: `has invalid keys: ${sorted.map(({ key }) => key).join(', ')} (${details.join('; ')})`,
  };
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'a list of texts'],
  ['record', 'an object of texts'],
  ['object', 'an object'],
]);

function nameOf(value: SourceValue): string {
  switch (value.type) {
    case 'text':
      return 'a text';
    case 'number':
      return `the number ${value.source}`;
    case 'boolean':
      return `the boolean ${value.source}`;
    case 'null':
      return 'null';
    case 'list':
      return 'a list';
    case 'map':
      return 'an object';
    default:
      return value satisfies never;
  }
}

/** In the order of the file; unknown keys, which stand all over it, come last. */
function byPlace(a: Problem, b: Problem): number {
  if (a.at === undefined || b.at === undefined)
    return Number(a.at === undefined) - Number(b.at === undefined);
  return a.at.line - b.at.line || a.at.column - b.at.column;
}
