const shortForms: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

/**
 * A name from the network, fit for a log: control characters, line separators and those that turn the direction of
 * writing are shown as escapes, so that a name can neither end a line nor dress up as another one.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => shortForms.get(character) ?? hexEscape(character.codePointAt(0) ?? 0),
  );
}

function hexEscape(code: number): string {
  const hex = code.toString(16);
  return code < 256 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
