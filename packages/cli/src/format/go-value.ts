import { goQuote } from '@tserf/core/go-quote';
import { compareText } from './order.js';

/**
 * Above this, Go agents write the unsigned MessagePack forms, which arrive in Serf's printer as unsigned Go numbers;
 * and those are printed in hexadecimal.
 */
const LARGEST_FIXINT = 127;

/**
 * A field of an event record in Go's `%#v` syntax, as `serf monitor` prints it (spec/06 §5.3):
 * `"deploy"`, `[]byte{0x61}`, `0x7112`, `map[interface {}]interface {}{"role":"web"}`.
 */
export function formatGoValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (value instanceof Uint8Array) return `[]byte${formatBytes(value)}`;
  return formatNested(value);
}

function formatNested(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    return value > LARGEST_FIXINT ? `0x${value.toString(16)}` : String(value);
  }
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return `[]uint8${formatBytes(value)}`;
  if (Array.isArray(value)) return `[]interface {}{${value.map(formatNested).join(', ')}}`;

  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const fields = entries
    .map(([key, item]): [string, unknown] => [String(key), item])
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, item]) => `${goQuote(key)}:${formatNested(item)}`);
  return `map[interface {}]interface {}{${fields.join(', ')}}`;
}

function formatBytes(bytes: Uint8Array): string {
  return `{${Array.from(bytes, (byte) => `0x${byte.toString(16)}`).join(', ')}}`;
}
