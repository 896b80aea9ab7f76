import { readFileSync } from 'node:fs';
import { defineCommand } from '../command.js';
import { printLine } from '../io.js';

export const version = defineCommand({
  usage: 'version',
  description: ['Shows the version of tserf, and which versions of the agent protocol it speaks.'],
  flags: {},
  ignoresArguments: true,
  examples: [['tserf --version', 'The same.']],
  async run({ io }) {
    printLine(io.stdout, packageVersion());
    // Serf's own line: scripts read the protocol numbers from it (spec/06 §4.15).
    printLine(io.stdout, 'Agent Protocol: 5 (Understands back to: 2)');
    return 0;
  },
});

/** From `package.json`, which stands at the same place for `src` and for `dist`. */
function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return (manifest as { version: string }).version;
}
