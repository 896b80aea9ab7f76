/** What Go prints unescaped in a quoted string: letters, marks, numbers, punctuation, symbols, and the plain blank. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const shortForms: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What each of the first 128 characters looks like: most payloads have no others, and each is quoted for the log. */
const ascii: readonly string[] = Array.from({ length: 0x80 }, (_, code) =>
  goEscape(String.fromCharCode(code)),
);

/**
 * Text or bytes in double quotes as Go's `%q` writes them, fit for one line of a log or a terminal: `"no\"such"`,
 * `"\x1b[31m"`; what is no text is shown as `\xff`.
 */
export function goQuote(given: Uint8Array | string): string {
  const bytes = typeof given === 'string' ? Buffer.from(given) : given;
  let quoted = '"';
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const character = lead < 0x80 ? undefined : characterAt(bytes, at, lead);
    if (character === undefined) {
      quoted += ascii[lead] ?? `\\x${hex(lead, 2)}`;
      at += 1;
    } else {
      quoted += goEscape(character);
      at += Buffer.byteLength(character);
    }
  }
  return `${quoted}"`;
}

/** The character that begins there, if its bytes are UTF-8. */
function characterAt(bytes: Uint8Array, at: number, lead: number): string | undefined {
  const length = lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // What is no text at all is most often seen here, which costs less than an exception for each byte.
  if (length === 1) return undefined;
  for (let next = at + 1; next < at + length; next += 1) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return undefined;
  }
  try {
    return strict.decode(bytes.subarray(at, at + length));
  } catch {
    // Too long a form, a surrogate, or beyond the last character.
    return undefined;
  }
}

/** One character as it stands between Go's quotes. */
export function goEscape(character: string): string {
  const short = shortForms.get(character);
  if (short !== undefined) return short;
  if (printable.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
