import { defineCommand } from '../command.js';
import { printLine } from '../io.js';

/** AES-256: the longest of the three lengths that agents take. */
const KEY_BYTES = 32;

export const keygen = defineCommand({
  usage: 'keygen',
  description: [
    'Prints a new key for the encryption of gossip: 32 random bytes in base64. All agents of a cluster need the same one.',
  ],
  flags: {},
  ignoresArguments: true,
  examples: [
    ['tserf agent -encrypt="$(tserf keygen)"', 'Start the first node of an encrypted cluster.'],
  ],
  async run({ io }) {
    // Loaded here: all commands are one file in the end, and no other one needs it.
    const { randomBytes } = await import('node:crypto');
    printLine(io.stdout, randomBytes(KEY_BYTES).toString('base64'));
    return 0;
  },
});
