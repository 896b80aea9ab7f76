import { afterEach, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { allSee } from '../harness/mixed.ts';
import { closeNats, Nat } from '../harness/nat.ts';
import { freePort } from '../harness/ports.ts';
import { endAll } from '../harness/processes.ts';

afterEach(async () => {
  await endAll();
  closeNats();
});

/** An agent behind a relay: its address and port are others than those that the rest of the world sees. */
async function behindNat(node: string): Promise<{ agent: Agent; nat: Nat }> {
  const [outer, inner] = [await freePort(), await freePort()];
  const nat = await Nat.start(outer, inner);
  const advertise = `127.0.0.1:${outer}`;
  return {
    agent: await Agent.start(tserf, { node, gossipPort: inner, advertise }),
    nat,
  };
}

test('members behind relays that rewrite source ports probe, tell and ask each other, leave and fail as others do', async () => {
  const [a, b, c] = [await behindNat('a'), await behindNat('b'), await behindNat('c')];
  const agents = [a.agent, b.agent, c.agent];
  for (const agent of [b.agent, c.agent]) {
    expect(await agent.join(a.agent)).toMatchObject({ code: 0 });
  }
  const alive = { a: 'alive', b: 'alive', c: 'alive' };
  await allSee(agents, alive);

  // Everybody is known by the address that was advertised, and nobody by another.
  for (const agent of agents) {
    const addresses = Object.fromEntries((await agent.members()).map((m) => [m.name, m.addr]));
    expect(addresses).toEqual({ a: a.agent.gossip, b: b.agent.gossip, c: c.agent.gossip });
  }

  expect((await call(tserf, 'event', `-rpc-addr=${b.agent.rpc}`, 'deploy', 'now')).code).toBe(0);
  for (const agent of agents) await agent.process.printed(/Received event: user-event: deploy/);

  const query = await call(tserf, 'query', `-rpc-addr=${c.agent.rpc}`, '-timeout=3s', 'load');
  expect(query.stdout).toContain('Total Acks: 3');

  // A few rounds of probes through the relays, and nobody fell.
  await eventually(
    async () => {
      for (const { forwarded } of [a.nat, b.nat, c.nat]) expect(forwarded).toBeGreaterThan(20);
    },
    { withinMs: 60_000, everyMs: 500 },
  );
  for (const { process } of agents) expect(process.stdout).not.toMatch(/EventMemberFailed/);
  await allSee(agents, alive);

  expect(await c.agent.leave()).toBe(0);
  await allSee([a.agent, b.agent], { ...alive, c: 'left' });
  await b.agent.kill();
  await allSee([a.agent], { a: 'alive', b: 'failed', c: 'left' }, 60_000);
});
