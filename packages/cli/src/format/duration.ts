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

/** The largest duration Go can hold: a signed 64-bit count of nanoseconds, some 292 years. */
const MAX_NANOSECONDS = 2n ** 63n - 1n;

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
  if (total > MAX_NANOSECONDS) return undefined;
  return Number(negative ? -total : total);
}
