import { compareText } from './order.js';

/**
 * What the printer takes. An object is a Go struct and keeps its field order; a `Map` has keys that come from data
 * and is sorted by them. (An object for those would not do: JavaScript moves keys like `"10"` to the front.)
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>
  | { readonly [field: string]: JsonValue };

/** Go escapes these for the sake of HTML and of old JavaScript; U+FFFD stands for bytes that were no UTF-8. */
const ESCAPED = /[<>&\u2028\u2029\ufffd]/g;

function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON as Serf prints it: indented by two blanks, `": "` after keys, Go's escapes (spec/06 §5.2). */
export function formatJson(value: JsonValue, indent = ''): string {
  if (typeof value === 'string') return jsonString(value);
  if (value === null || typeof value !== 'object') return String(value);

  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map((item) => formatJson(item, deeper));
    return enclose('[', items, ']', indent);
  }
  const fields = fieldsOf(value as Exclude<typeof value, readonly JsonValue[]>);
  const lines = fields.map(([key, item]) => `${jsonString(key)}: ${formatJson(item, deeper)}`);
  return enclose('{', lines, '}', indent);
}

/** The same without a line break in it: one document of many, each in its line. */
export function formatJsonLine(value: JsonValue): string {
  if (typeof value === 'string') return jsonString(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    return `[${(value as readonly JsonValue[]).map(formatJsonLine).join(',')}]`;
  }
  const fields = fieldsOf(value as Exclude<typeof value, readonly JsonValue[]>);
  const pairs = fields.map(([key, item]) => `${jsonString(key)}:${formatJsonLine(item)}`);
  return `{${pairs.join(',')}}`;
}

function fieldsOf(
  value: ReadonlyMap<string, JsonValue> | { readonly [field: string]: JsonValue },
): [string, JsonValue][] {
  if (!(value instanceof Map)) return Object.entries(value);
  return [...(value as ReadonlyMap<string, JsonValue>)].sort(([a], [b]) => compareText(a, b));
}

function enclose(open: string, items: readonly string[], close: string, indent: string): string {
  if (items.length === 0) return `${open}${close}`;
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}
