import type { Tags } from '../serf/member.js';
import { ClusterError } from './cluster-error.js';

/**
 * What an application hands in, checked at the door: behind it, a text that is none would be a fault of the engine, and
 * end the node. Each throws a ClusterError `BAD_OPTION`.
 */

export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw badArgument(`${what} is no text but ${kindOf(value)}`);
}

export function textsOf(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value)) throw badArgument(`${what} is no list but ${kindOf(value)}`);
  return value.map((item: unknown) => textOf(item, `an entry of ${what}`));
}

export function tagsOf(value: unknown, what: string): Tags {
  if (typeof value !== 'object' || value === null) {
    throw badArgument(`${what} is no object of texts but ${kindOf(value)}`);
  }
  const entries = Object.entries(value).map(([tag, text]: [string, unknown]) => [
    tag,
    textOf(text, `${what}: the value of '${tag}'`),
  ]);
  return Object.fromEntries(entries);
}

/** No payload is not an empty one: they travel apart. */
export function optionalPayloadOf(value: unknown): Uint8Array | undefined {
  return value === undefined || value === null ? undefined : payloadOf(value);
}

/** Bytes of our own: what the caller does with its buffer later is its own affair. Text goes out as UTF-8. */
export function payloadOf(value: unknown, what = 'payload'): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (!ArrayBuffer.isView(value)) {
    throw badArgument(`${what} is neither text nor bytes but ${kindOf(value)}`);
  }
  return Uint8Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
}

export function integerOf(value: unknown, [least, most]: [number, number], what: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  const given = typeof value === 'number' ? String(value) : kindOf(value);
  throw badArgument(`${what}: ${given} is no whole number from ${least} to ${most}`);
}

/** A name that is not known is a slip, and would be passed over in silence. */
export function refuseUnknown(value: object, keys: object, what: string): void {
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(keys, key)) throw badArgument(`unknown ${what} '${key}'`);
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : typeof value;
}

export function badArgument(message: string): ClusterError {
  return new ClusterError('BAD_OPTION', message);
}
