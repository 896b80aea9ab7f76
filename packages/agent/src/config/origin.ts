import type { Position } from './source-tree.js';

/** Where a value comes from. */
export type Origin =
  | { readonly type: 'file'; readonly file: string; readonly at: Position }
  /** Named as it is typed, without its dash. */
  | { readonly type: 'flag'; readonly flag: string };

/** As editors and compilers write it: `web.yaml:3:10`; or `-bind`. */
export function originText(origin: Origin): string {
  if (origin.type === 'flag') return `-${origin.flag}`;
  return placeText(origin.file, origin.at);
}

export function placeText(file: string, at: Position | undefined): string {
  return at === undefined ? file : `${file}:${at.line}:${at.column}`;
}
