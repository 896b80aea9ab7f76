import { expect } from 'vitest';
import { Agent, type CommandLine, lastWords, serfUnderTest, tserf } from './agents.ts';
import { eventually } from './eventually.ts';

/** Clusters of both kinds of agents. */

/** What holds in one of these forms is to hold in the other as well. */
export const plainAndEncrypted: readonly {
  readonly form: string;
  readonly flags: readonly string[];
}[] = [
  { form: 'plain', flags: [] },
  { form: 'encrypted', flags: ['-encrypt=HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8='] },
];

export function tagsOf(node: string): Record<string, string> {
  return { role: 'test', node, odd: 'ü=, x' };
}

export async function startAll(ofEach: number, flags: readonly string[]): Promise<Agent[]> {
  const starts: Promise<Agent>[] = [];
  for (let index = 1; index <= ofEach; index += 1) {
    for (const line of [tserf, serfUnderTest()]) {
      const node = `${line.kind}-${index}`;
      starts.push(Agent.start(line, { node, tags: tagsOf(node), flags }));
    }
  }
  return Promise.all(starts);
}

export async function startJoined(ofEach: number, flags: readonly string[]): Promise<Agent[]> {
  const agents = await startAll(ofEach, flags);
  const [first, ...rest] = agents as [Agent, ...Agent[]];
  for (const agent of rest) expect(await agent.join(first)).toMatchObject({ code: 0 });
  await allSee(agents, statuses(agents, 'alive'));
  return agents;
}

/** Gossip may pass over a member; the next exchange of states makes up for it, within half a minute or two. */
const missedNewsMs = 75_000;

export async function allSee(
  agents: readonly Agent[],
  expected: Readonly<Record<string, string>>,
  withinMs = missedNewsMs,
): Promise<void> {
  try {
    await eventually(
      async () => {
        for (const agent of agents) expect(await agent.statuses(), agent.node).toEqual(expected);
      },
      { withinMs, everyMs: 250 },
    );
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${lastWords(agents)}`, {
      cause: error,
    });
  }
}

export function statuses(agents: readonly Agent[], status: string): Record<string, string> {
  return Object.fromEntries(agents.map(({ node }) => [node, status]));
}

export function ours(agents: readonly Agent[]): [Agent, Agent, ...Agent[]] {
  return agents.filter(({ line }) => line.kind === 'tserf') as [Agent, Agent, ...Agent[]];
}

export function theirs(agents: readonly Agent[]): [Agent, Agent, ...Agent[]] {
  return agents.filter(({ line }) => line.kind === 'serf') as [Agent, Agent, ...Agent[]];
}

export function lastOf(agents: readonly Agent[], { kind }: CommandLine): Agent {
  return agents.filter(({ line }) => line.kind === kind).at(-1) as Agent;
}
