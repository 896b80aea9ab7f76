import { defineCommand } from '../command.js';
import { bool, text } from '../flags.js';
import { printLine } from '../io.js';
import { agentFlags, agentFlagTable } from './agent-flags.js';

export const configShow = defineCommand({
  usage: 'config show [options] [file ...]',
  description: [
    'Takes the flags of "tserf agent" and prints the configuration that it would run with: every key, its value, and where that comes from: a file, a flag or the default. What follows the flags are more configuration files.',
    'The YAML is itself a file that an agent takes. Keys and tokens are hidden.',
  ],
  argument: 'file',
  flags: {
    ...agentFlagTable,
    format: text('FORMAT', '"yaml" or "json".', 'yaml'),
    'show-secrets': bool('Show encrypt_key and rpc_auth.', false),
  },
  examples: [
    ['tserf config show /etc/serf', 'What an agent makes of these files.'],
    ['tserf config show -config-file=web.yaml -tag role=db -format=json', 'Files and flags.'],
  ],
  async run(context) {
    const { flags, args, io } = context;
    const { format } = flags;
    const late = args.find((argument) => argument.startsWith('-'));
    if (late !== undefined) {
      printLine(io.stderr, `Error: options go before files: ${late}`);
      return 1;
    }
    if (format !== 'yaml' && format !== 'json') {
      printLine(io.stderr, `Error: -format must be yaml or json, not "${format}"`);
      return 1;
    }
    const { ConfigError, showConfig } = await import('@tserf/agent');
    const given = agentFlags(context);
    const configPaths = [...(given.configPaths ?? []), ...args];
    try {
      const shown = await showConfig(
        { ...given, configPaths },
        {
          format,
          showsSecrets: flags['show-secrets'],
          notice: (line) => printLine(io.stderr, line),
        },
      );
      io.stdout.write(shown);
      return 0;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) printLine(io.stderr, problem);
      return 1;
    }
  },
});
