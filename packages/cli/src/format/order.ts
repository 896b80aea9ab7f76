/** Orders strings as their UTF-8 bytes, which is by code point; `<` on strings goes by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done === true || y.done === true)
      return Number(y.done ?? false) - Number(x.done ?? false);
    if (x.value !== y.value) return (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
  }
}

/** The entries of a table with keys from the network, sorted by key: one cluster, one output. */
export function sortedEntries<V>(table: Readonly<Record<string, V>>): [string, V][] {
  return Object.entries(table).sort(([a], [b]) => compareText(a, b));
}

/** Members or anything else with a name, in the order of their names. */
export function sortedByName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => compareText(a.name, b.name));
}
