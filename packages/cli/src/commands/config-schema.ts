import { defineCommand } from '../command.js';
import { printLine } from '../io.js';

export const configSchema = defineCommand({
  usage: 'config schema',
  description: [
    'Prints the JSON Schema of the configuration. An editor that has it completes keys, says what they are for and marks mistakes.',
  ],
  flags: {},
  examples: [
    [
      'tserf config schema > tserf.schema.json',
      'Then write "# yaml-language-server: $schema=./tserf.schema.json" above a YAML file.',
    ],
  ],
  async run({ io }) {
    const { configJsonSchema } = await import('@tserf/agent');
    printLine(io.stdout, JSON.stringify(await configJsonSchema(), undefined, 2));
    return 0;
  },
});
