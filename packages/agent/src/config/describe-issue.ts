import type { z } from 'zod';
import { nearestKey } from './nearest-key.js';
import { childOf, type Position, type SourceValue } from './source-tree.js';

/** What is wrong in a file, and where. */
export interface Problem {
  readonly at: Position;
  readonly text: string;
}

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/**
 * What the schema found, in words for the person who wrote the file: the key, what was expected, and what stands there.
 * `keysAt` says which keys are known at a place.
 */
export function describeIssue(
  issue: Issue,
  root: SourceValue,
  keysAt: (path: Path) => readonly string[],
  above: Path = [],
): Problem[] {
  const path = [...above, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], root, keysAt(path)));
  }
  if (issue.code === 'invalid_union') {
    // One of the forms was meant: what is wrong inside it says more than that none fits.
    const meant = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0));
    if (meant !== undefined) {
      return meant.flatMap((inner) => describeIssue(inner, root, keysAt, path));
    }
  }
  const { at, found, isPlugin } = look(path, root);
  // One mistake, and it has been told.
  if (found === undefined && isPlugin) return [];
  return [{ at, text: wording(issue, pathText(path), found) }];
}

/** A key that nobody knows, and the one that was probably meant. */
function unknownKey(path: Path, root: SourceValue, known: readonly string[]): Problem {
  const key = String(path.at(-1));
  const { keyAt } = look(path, root);
  if (path[0] === 'handlers' && (key === 'use' || key === 'with')) {
    const text = `'${pathText(path)}': plug-ins are not supported by this version of tserf; a handler runs a 'script'`;
    return { at: keyAt, text };
  }
  const repeated = known.find((name) => name.toLowerCase() === key.toLowerCase());
  if (repeated !== undefined) {
    return { at: keyAt, text: `'${pathText(path)}' says '${repeated}' a second time` };
  }
  const meant = nearestKey(key, known);
  const hint = meant === undefined ? '' : `, did you mean '${meant}'?`;
  return { at: keyAt, text: `'${pathText(path)}' is not a known key${hint}` };
}

function wording(issue: Issue, name: string, found: SourceValue | undefined): string {
  if (issue.code === 'custom') return `'${name}': ${issue.message}`;
  if (issue.code === 'too_big' || issue.code === 'too_small') return range(issue, name);
  const wanted = expectation(issue);
  if (found === undefined) return `'${name}' is missing: it must be ${wanted}`;
  return `'${name}' must be ${wanted}, not ${nameOf(found)}`;
}

function range(issue: Extract<Issue, { code: 'too_big' | 'too_small' }>, name: string): string {
  // The schema's author had something better to say.
  if (!issue.message.startsWith('Too ')) return `'${name}' ${issue.message}`;
  const [bound, words] =
    issue.code === 'too_big' ? [issue.maximum, 'at most'] : [issue.minimum, 'at least'];
  if (!Number.isSafeInteger(Number(bound)) || Math.abs(Number(bound)) === Number.MAX_SAFE_INTEGER)
    return `'${name}' is out of range`;
  return `'${name}' must be ${words} ${bound}`;
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return kinds.get(issue.expected) ?? issue.expected;
  }
  if (issue.code !== 'invalid_union') return issue.message;
  return issue.errors.flatMap(([first]) => (first ? [expectation(first)] : [])).join(' or ');
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['record', 'an object of texts'],
  ['object', 'an object'],
]);

export function nameOf(value: SourceValue): string {
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

/** As Serf writes a place inside a value: `start_join[0]`, `tags[role]`; and `handlers[0].on`. */
function pathText(path: Path): string {
  return path
    .map((step, index) => {
      if (index === 0) return String(step);
      return typeof step === 'number' || path[index - 1] === 'tags' ? `[${step}]` : `.${step}`;
    })
    .join('');
}

/** What stands at a path, or the nearest place above it, and where its key stands. */
function look(path: Path, root: SourceValue) {
  let found: SourceValue | undefined = root;
  let { at } = root;
  let keyAt = at;
  for (const step of path) {
    const next = childOf(found, String(step));
    keyAt = next?.keyAt ?? keyAt;
    found = next?.value;
    at = found?.at ?? at;
  }
  const above = childOf(childOf(root, String(path[0]))?.value, String(path[1]))?.value;
  const isPlugin = path[0] === 'handlers' && childOf(above, 'use') !== undefined;
  return { found, at, keyAt, isPlugin };
}
