import type { CoordinateRecord } from '@tserf/client';
import { expect, test } from 'vitest';
import { type FakeAgentOptions, fakeAgent } from '../support/fake-agent.js';
import { run } from '../support/terminal.js';

const at = (x: number, values: Partial<CoordinateRecord> = {}): CoordinateRecord => ({
  vector: [x, 0, 0, 0, 0, 0, 0, 0],
  error: 1.5,
  adjustment: 0,
  height: 1e-5,
  ...values,
});

const coordinates = {
  n1: at(0),
  n2: at(0.0004292),
  near: at(0.0001, { adjustment: -0.01 }),
  odd: at(0, { vector: [1, 2] }),
};

async function rtt(args: readonly string[], options: FakeAgentOptions = {}) {
  const stats = { agent: { name: 'n1' } };
  const agent = fakeAgent({ coordinates, stats, ...options });
  const result = await run(['rtt', ...args], { connect: agent.connect });
  return { ...result, calls: agent.calls };
}

test('two nodes are as far apart as their coordinates', async () => {
  expect(await rtt(['n1', 'n2'])).toEqual({
    code: 0,
    stdout: 'Estimated n1 <-> n2 rtt: 0.449 ms\n',
    stderr: '',
    calls: [
      ['getCoordinate', 'n1'],
      ['getCoordinate', 'n2'],
    ],
  });
});

test("one name is compared with the agent's own, in this order", async () => {
  const { stdout, calls } = await rtt(['n2']);

  expect(stdout).toBe('Estimated n2 <-> n1 rtt: 0.449 ms\n');
  expect(calls[0]).toEqual(['stats']);
});

test('an adjustment that would make the distance negative does not count', async () => {
  expect((await rtt(['n1', 'near'])).stdout).toBe('Estimated n1 <-> near rtt: 0.120 ms\n');
});

test('as JSON it is exact to the nanosecond', async () => {
  expect(JSON.parse((await rtt(['-format=json', 'n1', 'n2'])).stdout)).toEqual({
    nodes: ['n1', 'n2'],
    rtt_ms: 0.4492,
  });
});

test.each([
  [['n1', 'no"such'], 'Could not find a coordinate for node "no\\"such"\n'],
  [['nosuch', 'n1'], 'Could not find a coordinate for node "nosuch"\n'],
  [
    ['n1', 'odd'],
    "Error getting coordinates: the two nodes' coordinates differ in their dimensions (8 and 2), so there is no distance\n",
  ],
])('%j has no answer', async (args, stdout) => {
  expect(await rtt(args)).toMatchObject({ code: 1, stdout, stderr: '' });
});

test.each([[[]], [['a', 'b', 'c']]])('%j is a wrong number of names', async (args) => {
  const { code, stdout } = await rtt(args);

  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^One or two node names must be specified\n\nUsage: tserf rtt \[options\] node1 \[node2\]\n/,
  );
});
