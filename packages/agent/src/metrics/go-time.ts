/** A moment as Go prints one: `2026-11-23 12:46:12.5 +0000 UTC`. */
export function goTime(epochMs: number): string {
  const when = new Date(epochMs);
  const date = [when.getFullYear(), two(when.getMonth() + 1), two(when.getDate())].join('-');
  const time = [when.getHours(), when.getMinutes(), when.getSeconds()].map(two).join(':');
  const fraction = fractionOf(epochMs);
  return `${date} ${time}${fraction} ${offset(when)} ${zone(when)}`;
}

/** The same with what Go adds to moments that it took itself: seconds since the start of the process. */
export function goTimeSince(epochMs: number, startMs: number): string {
  const seconds = (epochMs - startMs) / 1_000;
  return `${goTime(epochMs)} m=${seconds < 0 ? '-' : '+'}${Math.abs(seconds).toFixed(9)}`;
}

/** As many digits as are needed, of nine. */
function fractionOf(epochMs: number): string {
  const nanoseconds = Math.round((epochMs - Math.floor(epochMs / 1_000) * 1_000) * 1e6);
  if (nanoseconds <= 0) return '';
  return `.${String(Math.min(nanoseconds, 999_999_999)).padStart(9, '0').replace(/0+$/, '')}`;
}

function offset(when: Date): string {
  const minutes = -when.getTimezoneOffset();
  const sign = minutes < 0 ? '-' : '+';
  return `${sign}${two(Math.floor(Math.abs(minutes) / 60))}${two(Math.abs(minutes) % 60)}`;
}

function zone(when: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(when);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
