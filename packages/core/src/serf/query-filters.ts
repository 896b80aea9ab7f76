import { DecodeError } from '../wire/decode-error.js';
import { decodeFilter, encodeFilter, type QueryFilter } from '../wire/filter.js';
import type { QueryRequest } from './input.js';
import type { Tags } from './member.js';
import type { SerfOutput } from './output.js';
import { TagExpressions } from './tag-expressions.js';

/** Whom filters are held against. */
interface Subject {
  readonly name: string;
  readonly tags: Tags;
}

export interface FilterParts {
  readonly emit: (output: SerfOutput) => void;
  /** Counts and reports a filter that cannot be read. */
  readonly refuse: (detail: string) => void;
}

/** The filters of a query, encoded: the names first, then one for each tag (spec/03 §14.3). */
export function encodeFilters(
  request: Pick<QueryRequest, 'filterNodes' | 'filterTags'>,
): Uint8Array[] | undefined {
  const filters: QueryFilter[] = [];
  if (request.filterNodes.length > 0) filters.push({ type: 'node', nodes: request.filterNodes });
  for (const [tag, expression] of Object.entries(request.filterTags)) {
    filters.push({ type: 'tag', tag, expression });
  }
  return filters.length === 0 ? undefined : filters.map(encodeFilter);
}

/** Whether all filters of somebody's query match. What cannot be read or used matches nobody. */
export function filtersMatch(
  filters: readonly Uint8Array[] | undefined,
  subject: Subject,
  { emit, refuse }: FilterParts,
): boolean {
  const expressions = new TagExpressions();
  for (const bytes of filters ?? []) {
    const filter = readFilter(bytes, refuse);
    if (filter === undefined) return false;
    if (filter.type === 'node') {
      if (!filter.nodes.includes(subject.name)) return false;
      continue;
    }
    const { expression, tag } = filter;
    const matches = expressions.matches(expression, tagValue(subject.tags, tag));
    if (typeof matches === 'string') {
      emit({ type: 'report', code: 'badExpression', expression, detail: matches });
    }
    if (matches !== true) return false;
  }
  return true;
}

/** Tells which members a query of this node's is for. An expression that cannot be used is for nobody. */
export function subjectsOf(
  request: Pick<QueryRequest, 'filterNodes' | 'filterTags'>,
): (subject: Subject) => boolean {
  const names = new Set(request.filterNodes);
  const expressions = new TagExpressions();
  const wanted = Object.entries(request.filterTags).map(
    ([tag, expression]) => [tag, expressions.compile(expression)] as const,
  );
  return ({ name, tags }) =>
    (names.size === 0 || names.has(name)) &&
    wanted.every(([tag, regex]) => typeof regex !== 'string' && regex.matches(tagValue(tags, tag)));
}

function readFilter(bytes: Uint8Array, refuse: (detail: string) => void): QueryFilter | undefined {
  try {
    return decodeFilter(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    refuse(error.message);
    return undefined;
  }
}

/** A tag that is not there has the empty text as its value. */
function tagValue(tags: Tags, tag: string): string {
  return Object.hasOwn(tags, tag) ? (tags[tag] ?? '') : '';
}
