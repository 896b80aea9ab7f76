import { type Codec, int32, mapOf, optional, struct, textMap } from './codec.js';

/** What came of a change of keys, or of a look at them, on all nodes (spec/05 §8.13). */
export interface KeyReport {
  /** By node; only nodes that had something to say. */
  readonly messages: Readonly<Record<string, string>>;
  /** How many nodes hold each key, by its base64; absent where a change was asked for. */
  readonly keys: Readonly<Record<string, number>> | undefined;
  readonly numNodes: number;
  readonly numErrors: number;
  readonly numResponses: number;
  /** How many nodes seal with each key. Only tserf tells, where keys are listed. */
  readonly primaryKeys: Readonly<Record<string, number>> | undefined;
}

const counts = optional(mapOf(int32));

export const keyReport: Codec<KeyReport> = struct({
  messages: ['Messages', textMap],
  keys: ['Keys', counts],
  numNodes: ['NumNodes', int32],
  numErrors: ['NumErr', int32],
  numResponses: ['NumResp', int32],
  primaryKeys: ['PrimaryKeys', counts, 'extra'],
});
