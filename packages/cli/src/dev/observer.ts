import { setTimeout as pause } from 'node:timers/promises';
import type { EventRecord, MemberRecord } from '@tserf/client';
import { type Connect, defaultPatience, failureText, type RpcClient } from '../rpc.js';

/** Statuses between events, such as "leaving", are seen by asking. */
const REFRESH_MS = 1_000;
const RETRY_MS = 200;

export interface Sight {
  readonly onEvent: (event: EventRecord) => void;
  readonly onMembers: (members: readonly MemberRecord[]) => void;
}

/**
 * Watches the cluster over RPC, as any client would, through the agent that `address` names; when that one ends,
 * through the one it names then. Ends with `signal`.
 */
export async function observe(
  address: () => string | undefined,
  connect: Connect,
  sight: Sight,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const from = address();
    try {
      if (from !== undefined)
        await watch(
          await connect({ address: from, authKey: '', ...defaultPatience }),
          sight,
          signal,
        );
    } catch (error) {
      // An agent that ends takes its connections along; the next one knows more.
      failureText(error);
    }
    await pause(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

async function watch(client: RpcClient, sight: Sight, signal: AbortSignal): Promise<void> {
  const close = () => void client.close();
  signal.addEventListener('abort', close);
  let isAsking = false;
  const refresh = async () => {
    if (isAsking || signal.aborted) return;
    isAsking = true;
    try {
      sight.onMembers(await client.members());
    } catch (error) {
      // The loop below sees the same loss.
      failureText(error);
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => void refresh(), REFRESH_MS);
  try {
    const events = await client.stream('*');
    await refresh();
    for await (const event of events) {
      sight.onEvent(event);
      await refresh();
    }
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', close);
    await client.close();
  }
}
