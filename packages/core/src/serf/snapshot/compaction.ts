/** Below this a file is never compacted (spec/03 §19.3). */
const smallestCompaction = 131_072;

/** What one known node may take up, in bytes, before a compaction is worth it. */
const bytesPerNode = 256;

/** The size in bytes beyond which a file is to be compacted. `compactedBytes`: its size when that was done last. */
export function compactionThreshold(knownNodes: number, compactedBytes: number): number {
  return Math.max(smallestCompaction, bytesPerNode * knownNodes, 2 * compactedBytes);
}
