import type { KeyReport } from '@tserf/client';
import { type Answer, attempt } from './answer.js';
import type { HostKeyReport } from './host.js';

const noReport: KeyReport = {
  messages: {},
  keys: undefined,
  numNodes: 0,
  numErrors: 0,
  numResponses: 0,
  primaryKeys: undefined,
};

/** Has the keys of all nodes changed. Which keys they hold is not part of the answer (spec/05 §8.13). */
export async function changeKeys(change: () => Promise<HostKeyReport>): Promise<Answer<KeyReport>> {
  const { reply, ...answer } = await listKeys(change);
  return { ...answer, reply: { ...reply, keys: undefined, primaryKeys: undefined } };
}

/** Asks all nodes for their keys. A node that failed or kept silent is an error, and the reply says which. */
export async function listKeys(list: () => Promise<HostKeyReport>): Promise<Answer<KeyReport>> {
  const { value, error } = await attempt(list);
  if (value === undefined) return { ...error, reply: noReport };
  const { numNodes, numErrors, numResponses } = value;
  const reply = {
    messages: Object.fromEntries(value.messages),
    keys: Object.fromEntries(value.keys),
    numNodes,
    numErrors,
    numResponses,
    primaryKeys: value.primaryKeys.size > 0 ? Object.fromEntries(value.primaryKeys) : undefined,
  };
  if (numErrors > 0) {
    return { error: `${numErrors}/${numNodes} nodes reported failure`, reply };
  }
  if (numResponses !== numNodes) {
    return { error: `${numResponses}/${numNodes} nodes reported success`, reply };
  }
  return { reply };
}
