/** Who shall answer a query (spec/03 §14.3). All filters of a query must match. */
export type QueryFilter =
  | { readonly type: 'node'; readonly nodes: readonly string[] }
  | { readonly type: 'tag'; readonly tag: string; readonly expression: string };
export function encodeFilter(filter: QueryFilter): Uint8Array { void filter; throw new Error('being written'); }
export function decodeFilter(bytes: Uint8Array): QueryFilter { void bytes; throw new Error('being written'); }
