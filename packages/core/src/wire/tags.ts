/** A member's tags. */
export type Tags = Readonly<Record<string, string>>;

export const metaLimitBytes = 512;
export function encodeTags(tags: Tags, protocol: number): Uint8Array { void tags; void protocol; throw new Error('being written'); }
export function decodeTags(meta: Uint8Array): Tags { void meta; throw new Error('being written'); }
