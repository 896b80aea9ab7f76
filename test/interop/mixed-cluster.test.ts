import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@tserf/client';
import { afterEach, describe, expect, test } from 'vitest';
import { Agent, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import {
  allSee,
  lastOf,
  ours,
  plainAndEncrypted,
  startAll,
  startJoined,
  statuses,
  tagsOf,
  theirs,
} from '../harness/mixed.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();
const key = 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=';

afterEach(endAll);

/**
 * A push/pull between two of theirs, just before the leave intent of a third arrives, tells its time as a join's: the
 * intent is dropped as old, and the leaver is failed for one of them until a later push/pull says that it left. Ours
 * says its intent again with its goodbye and needs none of this patience.
 */
const repairedWithinMs = 90_000;

const forms = [...plainAndEncrypted, { form: 'uncompressed', flags: ['-disable-compression'] }];

describe.each(forms)('a $form cluster of two of ours and two of theirs', ({ flags }) => {
  test('joins in both directions and agrees on members, tags and versions', async () => {
    const agents = await startAll(2, flags);
    const [ourFirst, ourSecond] = ours(agents);
    const [theirFirst, theirSecond] = theirs(agents);

    // Ours joins theirs, theirs joins ours, each by its own command line.
    expect(await ourFirst.join(theirFirst)).toMatchObject({ code: 0 });
    expect(await theirSecond.join(ourFirst)).toMatchObject({ code: 0 });
    expect(await ourSecond.join(theirSecond)).toMatchObject({ code: 0 });

    await allSee(agents, statuses(agents, 'alive'));
    for (const agent of agents) {
      for (const by of [tserf, serf]) {
        const tags = Object.fromEntries((await agent.members(by)).map((m) => [m.name, m.tags]));
        expect(tags).toEqual(
          Object.fromEntries(
            agents.map(({ node }) => [node, { role: 'test', node, odd: 'ü=, x' }]),
          ),
        );
      }
    }
  });

  test('sees a kill as failed and a leave as left, of either kind', async () => {
    const agents = await startJoined(2, flags);
    const [ourFirst, ourSecond] = ours(agents);
    const [theirFirst, theirSecond] = theirs(agents);

    await theirSecond.kill();
    let expected = { ...statuses(agents, 'alive'), [theirSecond.node]: 'failed' };
    await allSee([ourFirst, ourSecond, theirFirst], expected, 60_000);

    expect(await ourSecond.leave()).toBe(0);
    expected = { ...expected, [ourSecond.node]: 'left' };
    await allSee([ourFirst, theirFirst], expected);

    expect(await theirFirst.leave()).toBe(0);
    expected = { ...expected, [theirFirst.node]: 'left' };
    await allSee([ourFirst], expected);
  });

  test('one of ours that exchanges states with one of theirs while it leaves is left all the same', async () => {
    const agents = await startJoined(2, flags);
    const leaver = ours(agents)[1];
    const [theirFirst] = theirs(agents);

    // Ready before: what starts a process for each question may come when all is over.
    const [asking, joining] = await Promise.all(
      [leaver, theirFirst].map(({ rpc }) => Client.connect({ address: rpc })),
    );

    const left = leaver.leave();
    await eventually(
      async () => {
        const self = (await asking?.members())?.find(({ name }) => name === leaver.node);
        expect(self?.status).toBe('leaving');
      },
      { withinMs: 20_000, everyMs: 5 },
    );
    expect(await joining?.join([leaver.gossip])).toBe(1);
    await Promise.all([asking?.close(), joining?.close()]);

    expect(await left).toBe(0);
    const others = agents.filter((agent) => agent !== leaver);
    await allSee(others, { ...statuses(agents, 'alive'), [leaver.node]: 'left' });
  });

  test.each([
    { whose: 'ours', line: tserf },
    { whose: 'theirs', line: serf },
  ])(
    'one of $whose, killed, is failed everywhere, and alive again under its name',
    async ({ line }) => {
      const agents = await startJoined(2, flags);
      const victim = lastOf(agents, line);
      const others = agents.filter((agent) => agent !== victim);

      await victim.kill();
      await allSee(others, { ...statuses(agents, 'alive'), [victim.node]: 'failed' }, 60_000);

      const back = await Agent.start(line, {
        node: victim.node,
        gossipPort: Number(victim.gossip.split(':')[1]),
        tags: tagsOf(victim.node),
        flags,
      });
      expect(await back.join(others[0] as Agent)).toMatchObject({ code: 0 });
      await allSee([...others, back], statuses(agents, 'alive'));
    },
  );
});

test('five of ours and five of theirs, under one key, agree through a leave and a kill of each kind', async () => {
  const agents = await startJoined(5, [`-encrypt=${key}`]);
  const [ourLeaver, ourVictim] = [ours(agents)[3], ours(agents)[4]] as [Agent, Agent];
  const [theirLeaver, theirVictim] = [theirs(agents)[3], theirs(agents)[4]] as [Agent, Agent];

  await Promise.all([ourLeaver.leave(), theirLeaver.leave(), ourVictim.kill(), theirVictim.kill()]);

  const left = agents.filter(
    (agent) => ![ourLeaver, ourVictim, theirLeaver, theirVictim].includes(agent),
  );
  await allSee(
    left,
    {
      ...statuses(agents, 'alive'),
      [ourLeaver.node]: 'left',
      [theirLeaver.node]: 'left',
      [ourVictim.node]: 'failed',
      [theirVictim.node]: 'failed',
    },
    90_000,
  );
});

describe.each([
  { whose: 'ours', line: tserf },
  { whose: 'theirs', line: serf },
])('one of $whose back on a new address', ({ whose, line }) => {
  test('is alive everywhere within 5 s after a leave', async () => {
    const agents = await startJoined(2, []);
    const leaver = lastOf(agents, line);
    const others = agents.filter((agent) => agent !== leaver);
    await leaver.leave();
    await allSee(
      others,
      { ...statuses(agents, 'alive'), [leaver.node]: 'left' },
      whose === 'theirs' ? repairedWithinMs : undefined,
    );

    const back = await Agent.start(line, { node: leaver.node, tags: tagsOf(leaver.node) });
    expect(await back.join(others[0] as Agent)).toMatchObject({ code: 0 });

    await allSee([...others, back], statuses(agents, 'alive'), 5_000);
    for (const agent of others) {
      expect((await agent.members()).find(({ name }) => name === back.node)?.addr).toBe(
        back.gossip,
      );
    }
  });

  test('is alive everywhere within 90 s after a kill, and no agent exits', async () => {
    const agents = await startJoined(2, []);
    const victim = lastOf(agents, line);
    const others = agents.filter((agent) => agent !== victim);
    await victim.kill();
    await allSee(others, { ...statuses(agents, 'alive'), [victim.node]: 'failed' }, 60_000);

    const back = await Agent.start(line, { node: victim.node, tags: tagsOf(victim.node) });
    await back.join(others[0] as Agent);

    await eventually(
      async () => {
        for (const agent of others) {
          const entry = (await agent.members()).find(({ name }) => name === back.node);
          expect(entry).toMatchObject({ status: 'alive', addr: back.gossip });
        }
      },
      { withinMs: 90_000, everyMs: 1_000 },
    );
    for (const agent of [...others, back]) expect(agent.process.alive).toBe(true);
  });
});

describe('frozen for 12 s', () => {
  test('one of ours, back again, makes nobody failed', async () => {
    const agents = await startJoined(2, []);
    const frozen = ours(agents)[1];

    frozen.freeze();
    await sleep(12_000);
    const logged = new Map(agents.map((agent) => [agent, agent.process.stdout.length]));
    frozen.thaw();

    await allSee(agents, statuses(agents, 'alive'), 15_000);
    await sleep(5_000);
    for (const agent of agents) {
      const since = agent.process.stdout.slice(logged.get(agent));
      const blamed = [...since.matchAll(/EventMemberFailed: (\S+)/g)].map((match) => match[1]);
      expect(blamed.filter((name) => name !== frozen.node)).toEqual([]);
    }
    await allSee(agents, statuses(agents, 'alive'));
  });

  test('one of theirs comes back, and all are alive again', async () => {
    const agents = await startJoined(2, []);
    const frozen = theirs(agents)[1];

    frozen.freeze();
    await sleep(12_000);
    frozen.thaw();

    await allSee(agents, statuses(agents, 'alive'), 15_000);
  });
});

test('a node without the key and one with a wrong key stay outside', async () => {
  const [inside] = ours(await startAll(1, [`-encrypt=${key}`]));
  const plain = await Agent.start(serf, { node: 'plain' });
  const other = await Agent.start(serf, {
    node: 'other',
    flags: ['-encrypt=T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s='],
  });

  for (const outsider of [plain, other]) {
    expect((await outsider.join(inside)).code).toBe(1);
    expect((await inside.join(outsider)).code).toBe(1);
  }
  expect(await inside.statuses()).toEqual({ [inside.node]: 'alive' });
});
