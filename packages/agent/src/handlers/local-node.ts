import type { Tags } from '@tserf/core';

/** This node, as it is at the moment at which an event is handled. */
export interface LocalNode {
  readonly name: string;
  readonly tags: Tags;
}
