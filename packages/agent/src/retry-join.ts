import { ClusterError } from '@tserf/core';
import type { Agent } from './agent.js';
import type { AgentConfig } from './config/agent-config.js';
import { pause } from './delay.js';
import { formatGoDuration } from './go-duration.js';

export type RetryJoinEnd = 'joined' | 'gave up' | 'stopped';

/**
 * Joins in the background until one address answers, then never again (spec/07 §8.2). The limit counts retries, so a
 * limit of 1 makes two attempts.
 */
export async function retryJoin(
  agent: Pick<Agent, 'join' | 'log'>,
  config: Pick<AgentConfig, 'retryJoin' | 'retryIntervalMs' | 'retryMaxAttempts' | 'replayOnJoin'>,
  signal: AbortSignal,
): Promise<RetryJoinEnd> {
  const { retryIntervalMs, retryMaxAttempts, replayOnJoin: replay } = config;
  for (let failures = 0; !signal.aborted; await pause(retryIntervalMs, signal)) {
    agent.log('INFO', `agent: Joining cluster...(replay: ${replay})`);
    try {
      const count = await agent.join(config.retryJoin, { replay });
      agent.log('INFO', `agent: Join completed. Synced with ${count} initial agents`);
      return 'joined';
    } catch (error) {
      if (signal.aborted || hasEnded(error)) break;
      failures++;
      if (retryMaxAttempts > 0 && failures > retryMaxAttempts) {
        agent.log('ERR', 'agent: maximum retry join attempts made, exiting');
        return 'gave up';
      }
      const interval = formatGoDuration(retryIntervalMs);
      const reason = error instanceof Error ? error.message : String(error);
      agent.log('WARN', `agent: Join failed: ${reason}, retrying in ${interval}`);
    }
  }
  return 'stopped';
}

/** Whether a request failed because the agent is no more. */
export function hasEnded(error: unknown): boolean {
  return (
    error instanceof ClusterError && (error.code === 'SHUT_DOWN' || error.code === 'ENGINE_DIED')
  );
}
