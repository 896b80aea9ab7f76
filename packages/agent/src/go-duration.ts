/** A text that is no duration. The message has Go's words, which Serf's users know. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

const nanosecondsOf: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** Go holds a duration in 64 bits: about 292 years either way. */
const limit = 2n ** 63n;

/**
 * Reads a Go duration, such as `1m30s`, `1.5h` or `-10ms` (spec/07 §1.5), to milliseconds. A bare number is an error:
 * whoever writes `5` may mean anything.
 *
 * @throws {DurationError} with Go's words
 */
export function parseGoDuration(text: string): number {
  const invalid = (): DurationError =>
    new DurationError(`time: invalid duration ${JSON.stringify(text)}`);
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0;
  if (rest === '') throw invalid();

  let total = 0n;
  while (rest !== '') {
    const [number = '', whole = '', fraction = ''] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest) ?? [];
    if (whole === '' && fraction === '') throw invalid();
    const [unit = ''] = /^[^0-9.]*/.exec(rest.slice(number.length)) ?? [];
    if (unit === '')
      throw new DurationError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const scale = nanosecondsOf.get(unit);
    if (scale === undefined) {
      throw new DurationError(
        `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}${remedyFor(unit)}`,
      );
    }
    total += BigInt(whole || '0') * scale + fractionOf(fraction, scale);
    if (total > limit || (total === limit && !negative)) throw invalid();
    rest = rest.slice(number.length + unit.length);
  }
  // In two parts: nanoseconds of a hundred days are more than a number holds exactly.
  const milliseconds = Number(total / 1_000_000n) + Number(total % 1_000_000n) / 1e6;
  return negative ? -milliseconds : milliseconds;
}

/** `.5` of a scale; digits beyond a nanosecond don't count. */
function fractionOf(digits: string, scale: bigint): bigint {
  const kept = digits.slice(0, 18);
  return kept === '' ? 0n : (BigInt(kept) * scale) / 10n ** BigInt(kept.length);
}

/** The one unit that everybody misses. */
function remedyFor(unit: string): string {
  return /^d(ays?)?$/.test(unit) ? ' (there are no days: write 24h)' : '';
}

/** Writes milliseconds as Go prints a duration: `500ms`, `1.5s`, `1m30s`, `1h0m0s`. */
export function formatGoDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const size = Math.abs(milliseconds);
  const whole = Math.trunc(size);
  if (whole < 1_000) return sign + belowASecond(Math.round(size * 1e6));

  const minutes = Math.floor(whole / 60_000);
  const seconds = ((whole % 60_000) * 1e6 + Math.round((size - whole) * 1e6)) / 1e9;
  const hours = Math.floor(minutes / 60);
  const hoursPart = hours > 0 ? `${hours}h` : '';
  const minutesPart = minutes > 0 ? `${minutes % 60}m` : '';
  return `${sign}${hoursPart}${minutesPart}${seconds}s`;
}

function belowASecond(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  return nanoseconds < 1e6 ? `${nanoseconds / 1e3}µs` : `${nanoseconds / 1e6}ms`;
}
