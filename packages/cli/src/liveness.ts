import type { Connect, RpcClient, RpcTarget } from './rpc.js';

/** Node fires longer timers at once. */
const longestTimerMs = 2 ** 31 - 1;

export interface AgentWatch {
  /** What to say of an agent that was given up; `undefined` as long as it was not. */
  readonly silence: string | undefined;
  /** For whoever may wait for days, and at the end. */
  stop(): void;
}

/**
 * Looks every `timeoutMs` whether the agent still answers: some requests take long, such as a leave, and a suspended
 * agent looks the same from where we wait. It is asked on a connection of its own, since an agent answers one request
 * of a connection after the other. One that takes longer than `timeoutMs` for a greeting is given up: the client is
 * closed, so that whoever waits goes on.
 */
export function watchAgent(
  client: RpcClient,
  { target, connect }: { readonly target: RpcTarget; readonly connect: Connect },
): AgentWatch {
  const { timeoutMs } = target;
  const everyMs = Math.min(timeoutMs, longestTimerMs);
  let timer: NodeJS.Timeout | undefined;
  let silence: string | undefined;
  let isStopped = false;

  const look = async () => {
    try {
      const second = await connect({ ...target, authKey: '' });
      await second.close();
    } catch (error) {
      // An agent that ended, or refuses us, says so on the first connection too.
      if (isLost(error) && !isStopped) {
        silence = `the agent has stopped answering ${nothingFor(target)}`;
        await client.close();
        return;
      }
    }
    schedule();
  };
  const schedule = () => {
    if (!isStopped) timer = setTimeout(() => void look(), everyMs);
  };

  if (timeoutMs > 0) schedule();
  return {
    get silence() {
      return silence;
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Whether the agent is there, and says nothing. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'TIMEOUT';
}

/** The second: it has not even taken the last connections from the system's queue. */
function isLost(error: unknown): boolean {
  return isSilence(error) || (error instanceof Error && error.message.endsWith('i/o timeout'));
}

/** How long an agent was waited for, in words. */
export function nothingFor({ timeoutMs }: Pick<RpcTarget, 'timeoutMs'>): string {
  return `(nothing for ${timeoutMs / 1000} s)`;
}
