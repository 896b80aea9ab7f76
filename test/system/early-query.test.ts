import { Client } from '@tserf/client';
import { afterEach, expect, test } from 'vitest';
import { Agent, tserf } from '../harness/agents.ts';
import { endAll } from '../harness/processes.ts';

afterEach(endAll);

/** Answers every query at that agent until the client is closed. */
async function answerAll(agent: Agent): Promise<Client> {
  const client = await Client.connect({ address: agent.rpc });
  const queries = await client.stream('query');
  void (async () => {
    for await (const event of queries) {
      if (event.type === 'query') await client.respond(event.id, `from ${agent.node}`);
    }
  })();
  return client;
}

test('a query that may end early ends with the last answer, and no answer is lost', async () => {
  const alpha = await Agent.start(tserf, { node: 'alpha' });
  const beta = await Agent.start(tserf, { node: 'beta', flags: [`-join=${alpha.gossip}`] });
  await using client = await Client.connect({ address: alpha.rpc });
  await using _ = await answerAll(alpha);
  await using __ = await answerAll(beta);

  const startMs = performance.now();
  for (const requestAck of [true, false, true, false]) {
    const options = { requestAck, timeoutMs: 60_000, early: true };
    const heard = [];
    for await (const update of await client.query('load', '', options)) {
      heard.push(`${update.type} ${update.from}`);
    }
    const answers = ['response alpha', 'response beta'];
    expect(heard.sort()).toEqual(requestAck ? ['ack alpha', 'ack beta', ...answers] : answers);
  }

  expect(performance.now() - startMs).toBeLessThan(30_000);
});
