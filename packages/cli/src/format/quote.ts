/** What Go prints unescaped in a quoted string: letters, marks, numbers, punctuation, symbols, and the plain blank. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** One character in Go's escape syntax. */
function escapeCharacter(character: string): string {
  const short = SHORT.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** A string in double quotes as Go's `%q` writes it: `"no\"such"`, `"tab\t"`, `"\x1b[31m"`. */
export function quote(text: string): string {
  let quoted = '"';
  for (const character of text) {
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else quoted += PRINTABLE.test(character) ? character : escapeCharacter(character);
  }
  return `${quoted}"`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS_IN_LINES = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * A name, tag or other single value made safe to show: a peer chose it, and a terminal obeys control characters
 * (spec/03 §17). Everything else stays as it is.
 */
export function showValue(text: string): string {
  return text.replace(CONTROLS, escapeCharacter);
}

/** The same for text of an agent that may have several lines and tabs, such as join errors and log entries. */
export function showText(text: string): string {
  return text.replace(CONTROLS_IN_LINES, escapeCharacter);
}
