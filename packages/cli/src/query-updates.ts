import type { QueryUpdate } from '@tserf/client';
import type { Io } from './io.js';
import { isSilence } from './liveness.js';
import { failureText, type RecordSource, type RpcClient } from './rpc.js';

/** How a query came to its end here. An agent that was lost ends it as its deadline does, as for Serf. */
export type QueryEnd = 'finished' | 'interrupted';

export interface UpdateTaker {
  /** Called once Ctrl-C is listened for: what it prints tells whoever waits for it that now is the time. */
  begin(): void;
  /** Takes the next one; `true` is enough. */
  take(update: QueryUpdate): boolean;
}

/**
 * Hands over what comes of a query until it is done, until the agent is lost, until `take` says that it has enough
 * (`true`), or until Ctrl-C.
 */
export async function eachUpdate(
  updates: RecordSource<QueryUpdate>,
  { client, io }: { readonly client: RpcClient; readonly io: Io },
  taker: UpdateTaker,
): Promise<QueryEnd> {
  let isInterrupted = false;
  const ignoreSignal = io.onSignal('SIGINT', () => {
    isInterrupted = true;
    // From now on Ctrl-C has its usual effect.
    ignoreSignal();
    // No command stops a query; without a connection its records stop.
    void client.close();
  });
  try {
    taker.begin();
    for await (const update of updates) {
      if (isInterrupted || taker.take(update)) break;
    }
  } catch (error) {
    failureText(error);
    // One that is still there and says nothing is no end.
    if (isSilence(error)) throw error;
  } finally {
    ignoreSignal();
  }
  return isInterrupted ? 'interrupted' : 'finished';
}
