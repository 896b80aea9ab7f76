/** Where something stands in a file, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * A configuration file as it was written, whatever its language: every value with its place, and scalars with their
 * own text. One schema checks it (`decodeSettings`), so JSON and YAML cannot differ in what they accept.
 */
export type SourceValue =
  | { readonly type: 'text'; readonly value: string; readonly at: Position }
  /** `source` is what the file says: `1.10` for the number 1.1. */
  | {
      readonly type: 'number';
      readonly value: number;
      readonly source: string;
      readonly at: Position;
    }
  | {
      readonly type: 'boolean';
      readonly value: boolean;
      readonly source: string;
      readonly at: Position;
    }
  /** `source` is empty in JSON, and in YAML where nothing stands. */
  | { readonly type: 'null'; readonly source: string; readonly at: Position }
  | { readonly type: 'list'; readonly items: readonly SourceValue[]; readonly at: Position }
  | { readonly type: 'map'; readonly entries: readonly SourceEntry[]; readonly at: Position };

export interface SourceEntry {
  readonly key: string;
  readonly at: Position;
  readonly value: SourceValue;
}

/** What stands under a key of a map, with its key's place, or at an index of a list. */
export function childOf(
  value: SourceValue | undefined,
  step: string,
): { readonly keyAt?: Position; readonly value: SourceValue } | undefined {
  if (value?.type === 'list') {
    const item = value.items[Number(step)];
    return item === undefined ? undefined : { value: item };
  }
  const entry =
    value?.type === 'map' ? value.entries.findLast(({ key }) => key === step) : undefined;
  return entry === undefined ? undefined : { keyAt: entry.at, value: entry.value };
}

/** A text that cannot be read as JSON or YAML. */
export class SourceSyntaxError extends Error {
  override readonly name = 'SourceSyntaxError';
  readonly at: Position;

  constructor(message: string, at: Position, options?: ErrorOptions) {
    super(message, options);
    this.at = at;
  }
}

/** Files nest four deep; deeper than this is no configuration, and must not exhaust the stack. */
export const depthLimit = 64;
