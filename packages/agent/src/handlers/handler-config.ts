import type { Tags } from '@tserf/core';

/** One checked entry of `handlers:`: a script with a queue of its own. */
export interface HandlerConfig {
  readonly script: string;
  /** Elements of Serf's filters: `member-join`, `user:deploy`, `query`, `*`. */
  readonly on: readonly string[];
  /** Runs only while this node has all these tags. */
  readonly where: Tags;
  /** Counted from the start of the script, whose whole process group is then ended. Absent: never. */
  readonly timeoutMs: number | undefined;
}
