const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

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
  if (value < MIN || value > MAX) return { ok: false, reason: 'value out of range' };
  return { ok: true, value: Number(value) };
}
