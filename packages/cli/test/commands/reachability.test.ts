import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { main } from '../../src/main.js';
import { fakeAgent, member } from '../support/fake-agent.js';
import { recordIo, run } from '../support/terminal.js';

const TIPS =
  '\nTroubleshooting tips:\n* Ensure that the bind addr:port is accessible by all other nodes\n* If an advertise address is set, ensure it routes to the bind address\n* Check that no nodes are behind a NAT\n* If nodes are behind firewalls or iptables, check that Serf traffic is permitted (UDP and TCP)\n* Verify networking equipment is functional\n';
const LOST =
  'This could mean Serf gossip packets are being lost due to a misconfiguration or network issue.\n';
const FALSE_FAILURES =
  'This could mean Serf is detecting false-failures due to a misconfiguration or network issue.\n';
const HEAD = 'Total members: 4, live members: 3\nStarting reachability test...\n';

const members = [
  member({ name: 'n1' }),
  member({ name: 'n3' }),
  member({ name: 'n2' }),
  member({ name: 'gone', status: 'failed' }),
];

async function testWith(acks: readonly string[], ...flags: string[]) {
  const agent = fakeAgent({ members });
  for (const from of acks) agent.updates.push({ type: 'ack', from });
  agent.updates.end();
  const result = await run(['reachability', ...flags], { connect: agent.connect });
  return { ...result, calls: agent.calls };
}

test('all live members answer', async () => {
  const { calls, ...result } = await testWith(['n1', 'n2', 'n3']);

  expect(result).toEqual({
    code: 0,
    stdout: `${HEAD}Successfully contacted all live nodes\n`,
    stderr: '',
  });
  expect(calls).toEqual([['members'], ['query', '_serf_ping', undefined, { requestAck: true }]]);
});

test('members that did not answer are named', async () => {
  const { code, stdout } = await testWith(['n1']);

  expect(code).toBe(1);
  expect(stdout).toBe(
    `${HEAD}Received less acks than live nodes! Missing acks from:\n\tn2\n\tn3\n${LOST}${TIPS}`,
  );
});

test('nodes that answer and should not are named', async () => {
  const { code, stdout } = await testWith(['n1', 'gone', 'n2', 'n3']);

  expect(code).toBe(1);
  expect(stdout).toBe(
    `${HEAD}Received more acks than live nodes! Acks from non-live nodes:\n\tgone\n${FALSE_FAILURES}${TIPS}`,
  );
});

test('a name that answers twice is a failure, even where the number is right', async () => {
  const { code, stdout } = await testWith(['n1', 'n1', 'n2']);

  expect(code).toBe(1);
  expect(stdout).toBe(
    `${HEAD}Duplicate response from 'n1'\nDuplicate responses means there is a misconfiguration. Verify that node names are unique.\nSuccessfully contacted all live nodes\n`,
  );
});

test('-verbose shows each answer and the time that it took', async () => {
  const { stdout } = await testWith(['n1', 'n3', 'n2'], '-verbose');

  expect(stdout).toMatch(
    /test\.\.\.\n\tAck from 'n1'\n\tAck from 'n3'\n\tAck from 'n2'\nQuery time: \d+\.\d\d sec, time to last response: \d+\.\d\d sec\nSuccess/,
  );
});

test('as JSON it is one document with the same findings', async () => {
  const { code, stdout } = await testWith(['n1', 'gone'], '-format=json', '-verbose');

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    members: 4,
    live: 3,
    acks: ['n1', 'gone'],
    missing: ['n2', 'n3'],
    unexpected: ['gone'],
    duplicates: [],
    reachable: false,
  });
});

test('-early ends it with the last live member', async () => {
  const agent = fakeAgent({ members });
  for (const from of ['n1', 'n2', 'n3']) agent.updates.push({ type: 'ack', from });

  const { code } = await run(['reachability', '-early'], { connect: agent.connect });

  expect(code).toBe(0);
});

test('Ctrl-C interrupts it', async () => {
  const agent = fakeAgent({ members });
  const terminal = recordIo();
  const code = main(['reachability'], terminal.io, { connect: agent.connect });
  await vi.waitFor(() => expect(agent.calls).toHaveLength(2));
  await nextTurn();

  terminal.signal('SIGINT');

  expect(await code).toBe(1);
  expect(terminal.stdout()).toBe(`${HEAD}Test interrupted\n`);
});

test('an agent that is lost is judged by what had come', async () => {
  const agent = fakeAgent({ members });
  for (const from of ['n1', 'n2', 'n3']) agent.updates.push({ type: 'ack', from });
  agent.updates.lose();

  expect((await run(['reachability'], { connect: agent.connect })).code).toBe(0);
});

test('a query that is refused has its own words', async () => {
  const agent = fakeAgent({ members, refuse: { query: 'no' } });

  expect((await run(['reachability'], { connect: agent.connect })).stdout).toBe(
    'Total members: 4, live members: 3\nError sending query: no\n',
  );
});
