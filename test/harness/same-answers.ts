import { expect } from 'vitest';
import { Agent, type AgentSettings, type CommandLine, tserf } from './agents.ts';
import { type Heard, WireClient } from './wire-client.ts';

/** What one client, or several, hear from one agent. `peer` is that agent again where there is no other. */
export type Session = (agent: Agent, peer: Agent) => Promise<readonly Heard[]>;

export interface Setting extends Omit<AgentSettings, 'node'> {
  /** Another agent of the same kind, `beta`, is in the cluster. */
  readonly withPeer?: boolean;
}

/** Holds the same session with an agent of Serf's and with one of ours, and expects the same bytes, but for ports. */
export async function expectSameAnswers(
  serf: CommandLine,
  setting: Setting,
  session: Session,
): Promise<void> {
  const [theirs, ours] = await Promise.all(
    [serf, tserf].map((line) => hear(line, setting, session)),
  );
  expect(ours).toEqual(theirs);
}

async function hear(line: CommandLine, setting: Setting, session: Session): Promise<unknown> {
  const { withPeer = false, ...settings } = setting;
  const agent = await Agent.start(line, { ...settings, node: 'alpha' });
  const peer = withPeer ? await Agent.start(line, { ...settings, node: 'beta' }) : undefined;
  if (peer !== undefined) await peer.join(agent);
  const heard = await session(agent, peer ?? agent);
  await Promise.all([agent.kill(), peer?.kill()]);
  return plain(heard);
}

/** Versions of Serf differ in these, and ours is the newest's (spec/05 §17). Ports are each agent's own. */
function plain(heard: unknown): unknown {
  if (Array.isArray(heard)) return heard.map(plain);
  if (typeof heard === 'string') {
    return heard
      .replace(/Failed to (join|resolve)/g, 'failed to $1')
      .replace(/(failed to join [^:\s]+)(?!:\d):/g, '$1:PORT:')
      .replace(/(failed to join [^:\s]+):\d+:/g, '$1:PORT:')
      .replace(/^R(?=equested key is not|emoving the primary)/, 'r');
  }
  if (typeof heard !== 'object' || heard === null) return heard;
  return Object.fromEntries(
    Object.entries(heard).map(([key, value]) => [key, key === 'Port' ? 'a port' : plain(value)]),
  );
}

/** A client of one agent that has shaken hands. */
export function client(agent: Agent): Promise<WireClient> {
  return WireClient.greeted(agent.rpc);
}
