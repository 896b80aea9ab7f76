import { expect, test } from 'vitest';
import { run } from '../support/terminal.js';

test.each([
  [['x'], 'dev takes no arguments, but got "x"'],
  [['-nodes=0'], '-nodes must be 1 to 9, not 0'],
  [['-nodes=10'], '-nodes must be 1 to 9, not 10'],
  [['-profile=fast'], '-profile must be one of lan, wan, local, not "fast"'],
  [['-gossip-port=65534'], 'ports must be 1 to 65535, for every agent'],
  [['-rpc-port=0'], 'ports must be 1 to 65535, for every agent'],
])('%j is refused on stderr, with the help', async (args, reason) => {
  const result = await run(['dev', ...args]);

  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr.startsWith(`Error: ${reason}\n\nUsage: tserf dev [options]\n`)).toBe(true);
});
