import { readFileSync } from 'node:fs';
import { defineCommand } from '../command.js';
import { formatFlag, printResult } from '../output.js';

/** Versions of the protocol between agents. */
const PROTOCOL = { max: 5, min: 2 };

export const version = defineCommand({
  usage: 'version [options]',
  description: ['Shows the version of tserf, and which versions of the agent protocol it speaks.'],
  flags: { ...formatFlag },
  ignoresArguments: true,
  examples: [['tserf --version', 'The same.']],
  async run(context) {
    const version = packageVersion();
    const { max, min } = PROTOCOL;
    // Serf's own line: scripts read the protocol numbers from it (spec/06 §4.15).
    const text = `${version}\nAgent Protocol: ${max} (Understands back to: ${min})`;
    await printResult(context, text, { version, protocol: { max, min } });
    return 0;
  },
});

/** From `package.json`, which stands at the same place for `src`, for `dist`, and for the bundle in it. */
function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return (manifest as { version: string }).version;
}
