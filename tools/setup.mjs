// What every entry (`npm start`, `npm test`, CI) needs first: dependencies installed, packages built.
// Plain Node and nothing else: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.installed-from');

/** Runs `npm ci` unless what is installed came from the lock file as it is now. */
export function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing dependencies (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

/** Builds all packages; what did not change comes from Nx's cache. */
export function build() {
  console.log('Building …');
  run(
    process.execPath,
    [
      join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js'),
      'run-many',
      '-t',
      'build',
      '--outputStyle=static',
    ],
    { quiet: true },
  );
}

function run(command, args, { quiet = false } = {}) {
  const child = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (child.status === 0) return;
  if (quiet) process.stderr.write(`${child.stdout}${child.stderr}`);
  const reason = child.error?.message ?? `exit code ${child.status}`;
  console.error(`\n${command} ${args.join(' ')} failed: ${reason}`);
  process.exit(1);
}
