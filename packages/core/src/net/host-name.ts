/**
 * Whether a text can be the name of a host at all, so that nobody asks a name server for ` 10.0.0.1` or `a/b`. A last
 * label of digits is refused too: some resolvers read `127.1` as an IPv4 address in short form.
 */
export function isHostName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length === 0 || name.length > 253) return false;
  const labels = name.split('.');
  return labels.every(isLabel) && !/^(\d+|0[xX][\da-fA-F]*)$/.test(labels.at(-1) ?? '');
}

/** Underscores are no part of a host's name, but name servers hold such names and people use them. */
function isLabel(label: string): boolean {
  return /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label);
}
