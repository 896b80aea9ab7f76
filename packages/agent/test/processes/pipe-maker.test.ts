import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PipeMaker } from '../../src/processes/pipe-maker.js';

test('pipes leave no trace in the search for modules: links are followed as before', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tserf-pipes-')));
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  for (const name of ['one.js', 'two.js']) writeFileSync(join(folder, 'real', name), '');
  const { resolve } = createRequire(join(folder, 'main.js'));
  const maker = new PipeMaker();
  try {
    // Node remembers the folders on the way to the first one.
    expect(resolve('./link/one.js')).toBe(join(folder, 'real', 'one.js'));

    const pipes = await maker.make();

    expect(resolve('./link/two.js')).toBe(join(folder, 'real', 'two.js'));
    for (const descriptor of Object.values(pipes ?? {})) closeSync(descriptor);
  } finally {
    maker.close();
    rmSync(folder, { recursive: true });
  }
});
