import { defineCommand } from '../command.js';
import { printLine } from '../io.js';

export const configCheck = defineCommand({
  usage: 'config check file ...',
  description: [
    'Reads configuration files, or directories of them, as an agent does, and says what is wrong: a line for each mistake, with file, line and column, the key, and what was expected. Several files are also looked at together.',
    'Nothing of this machine is looked at: interfaces, addresses and other files may be those of another one.',
    'Exit code 0 means that an agent would take them all.',
  ],
  argument: 'file',
  flags: {},
  examples: [
    ['tserf config check /etc/serf', 'All files of a directory.'],
    [
      'tserf config check base.yaml web.yaml',
      'Each, and both together, the second over the first.',
    ],
  ],
  async run({ args, io, help }) {
    if (args.length === 0) {
      printLine(io.stderr, `Error: config check: no file is named\n\n${await help()}`);
      return 1;
    }
    const { checkConfigFiles } = await import('@tserf/agent');
    const reports = await checkConfigFiles(args);
    for (const { file, problems, warnings } of reports) {
      for (const line of [...warnings, ...problems]) printLine(io.stderr, line);
      if (problems.length === 0) printLine(io.stdout, `${file}: ok`);
    }
    if (reports.length === 0)
      printLine(io.stdout, `${args.join(' ')}: no configuration files there`);
    return reports.every(({ problems }) => problems.length === 0) ? 0 : 1;
  },
});
