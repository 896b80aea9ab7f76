// `npm start`: sets everything up and runs a small cluster, live, in this terminal.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, ensureInstalled, root } from './setup.mjs';

ensureInstalled();
build();
const child = spawn(
  process.execPath,
  [join(root, 'packages/cli/bin/tserf.js'), 'dev', ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
// Ctrl-C reaches the whole process group: wait for the cluster to leave instead of dying before it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
