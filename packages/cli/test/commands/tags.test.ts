import { expect, test } from 'vitest';
import { fakeAgent } from '../support/fake-agent.js';
import { run } from '../support/terminal.js';

async function tags(...args: string[]) {
  const agent = fakeAgent();
  const result = await run(['tags', ...args], { connect: agent.connect });
  return { ...result, calls: agent.calls };
}

test.each([
  [['-set', 'x=a=b', '-set=e='], { set: { x: 'a=b', e: '' }, delete: [] }],
  [['-delete', 'x', '-delete=y'], { set: {}, delete: ['x', 'y'] }],
  [
    ['-set=__proto__=1', '-delete=x'],
    { set: Object.fromEntries([['__proto__', '1']]), delete: ['x'] },
  ],
])('%j changes the tags', async (args, changes) => {
  expect(await tags(...args)).toEqual({
    code: 0,
    stdout: 'Successfully updated agent tags\n',
    stderr: '',
    calls: [['updateTags', changes]],
  });
});

test('as JSON it tells what is set and what is gone', async () => {
  const { stdout } = await tags('-format=json', '-set=a=1', '-delete=a', '-delete=b');

  expect(JSON.parse(stdout)).toEqual({ set: { a: '1' }, deleted: ['b'] });
});

test.each(['a', '=a', ''])('"%s" is no tag', async (pair) => {
  expect(await tags('-set', pair)).toEqual({
    code: 1,
    stdout: `Error: Invalid tag: '${pair}'\n`,
    stderr: '',
    calls: [],
  });
});

test('nothing to do is answered with the help alone', async () => {
  const { code, stdout } = await tags();

  expect(code).toBe(1);
  expect(stdout).toMatch(/^Usage: tserf tags \[options\]\n/);
});
