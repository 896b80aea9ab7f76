/** Splits `KEY=VALUE` at the first `=`; `undefined` without one or without a key. The value may be empty. */
export function splitTag(pair: string): { key: string; value: string } | undefined {
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  return { key: pair.slice(0, equals), value: pair.slice(equals + 1) };
}
