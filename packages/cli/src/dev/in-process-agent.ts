import type { ProfileName } from '@tserf/core';
import type { StartDevAgent } from './cluster.js';
import { HOST } from './ports.js';

/** Starts a real agent in this process: its engine has a thread of its own, its ports are on loopback. */
export const startInProcess: StartDevAgent = async (spec) => {
  const { Agent } = await import('@tserf/agent');
  const agent = await Agent.start({
    node: spec.name,
    bind: { host: HOST, port: spec.gossipPort },
    rpcAddr: `${HOST}:${spec.rpcPort}`,
    tags: spec.tags,
    profile: spec.profile as ProfileName,
  });
  try {
    if (spec.join.length > 0) await agent.join(spec.join, { replay: false });
  } catch (error) {
    await agent.shutdown();
    throw error;
  }
  return {
    ended: agent.closed,
    leave: () => agent.leave(),
    shutdown: () => agent.shutdown(),
  };
};
