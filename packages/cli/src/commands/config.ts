import { defineCommandGroup } from '../command-group.js';

export const config = defineCommandGroup({
  name: 'config',
  description: [
    'Looks at configuration files of agents, without starting one. Files of Serf can be checked, too.',
  ],
  commands: [
    {
      name: 'check',
      synopsis: 'Says whether an agent would take these files, and what is wrong with them',
      load: async () => (await import('./config-check.js')).configCheck,
    },
    {
      name: 'schema',
      synopsis: 'Prints the JSON Schema of the configuration, for editors',
      load: async () => (await import('./config-schema.js')).configSchema,
    },
    {
      name: 'show',
      synopsis: 'Prints the configuration that files and flags give, and where each value is from',
      load: async () => (await import('./config-show.js')).configShow,
    },
  ],
});
