/** What Go's integers hold: 64 bits. As a duration, in nanoseconds, some 292 years. */
const LARGEST = 2n ** 63n - 1n;
const SMALLEST = -(2n ** 63n);

const LITERAL =
  /^(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;

/** What reading an integer gave: the value, or which of Go's two complaints fits. */
export type IntegerResult =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly reason: 'parse error' | 'value out of range' };

/** Reads a signed 64-bit integer in Go's literal syntax: `12`, `-0x1F`, `0o17` or `017`, `0b11`, `1_000` (spec/06 §1.2). */
export function parseInteger(text: string): IntegerResult {
  const negative = text.startsWith('-');
  const body = negative || text.startsWith('+') ? text.slice(1) : text;
  if (!LITERAL.test(body)) return { ok: false, reason: 'parse error' };

  const digits = body.replaceAll('_', '').toLowerCase();
  const octal = /^0\d/.test(digits);
  const magnitude = BigInt(octal ? `0o${digits}` : digits);
  const value = negative ? -magnitude : magnitude;
  if (value < SMALLEST || value > LARGEST) return { ok: false, reason: 'value out of range' };
  return { ok: true, value: Number(value) };
}

/** Nanoseconds in one of each unit of Go's duration syntax; both micro signs are in use. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const DURATION = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g;

/**
 * Reads a Go duration (`300ms`, `1h30m`, `-1.5s`, plain `0`; spec/07 §1.5) as whole nanoseconds. `undefined` when it
 * is none or too long. Whole numbers throughout: `1.001s` in floating point would lose a nanosecond.
 */
export function parseDurationNanoseconds(text: string): number | undefined {
  const negative = text.startsWith('-');
  const body = negative || text.startsWith('+') ? text.slice(1) : text;
  if (body === '0') return 0;
  if (!DURATION.test(body)) return undefined;

  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(PART)) {
    const nanoseconds = UNITS.get(unit) ?? 0n;
    total += BigInt(whole) * nanoseconds;
    total += (BigInt(fraction) * nanoseconds) / 10n ** BigInt(fraction.length);
  }
  if (total > LARGEST) return undefined;
  return Number(negative ? -total : total);
}
