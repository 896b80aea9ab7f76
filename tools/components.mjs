// The real programs that some suites need: where they are, and what to do when they are not there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './setup.mjs';

/** Where CI puts a Serf that it built; `SERF_NEWEST` names another place. */
export const newestSerfPath = join(root, '.cache', 'serf-newest', 'serf');

/**
 * The Serf binaries that can be tested against.
 * @returns {{ id: string, name: string, path: string | undefined, version: string | undefined, remedy: string }[]}
 */
export function serfBinaries() {
  return [
    component({
      id: 'stable',
      name: "Debian's Serf",
      candidates: [process.env['SERF_STABLE'], onPath('serf')],
      remedy: 'apt-get install serf, or set SERF_STABLE to its path',
    }),
    component({
      id: 'newest',
      name: 'the newest Serf',
      candidates: [process.env['SERF_NEWEST'], newestSerfPath],
      remedy:
        'GOBIN="$PWD/.cache/serf-newest" go install github.com/hashicorp/serf/cmd/serf@v0.11.0, or set SERF_NEWEST to its path',
    }),
  ];
}

/**
 * The shells that command lines are completed in.
 * @returns {{ name: string, path: string | undefined, version: string | undefined, remedy: string }[]}
 */
export function shells() {
  return ['bash', 'zsh', 'fish'].map((name) => {
    const path = onPath(name);
    const remedy = `apt-get install ${name}`;
    const answer = path ? spawnSync(path, ['--version'], { encoding: 'utf8' }) : undefined;
    const version = /\d+\.\d+(\.\d+)*/.exec(answer?.stdout ?? '')?.[0];
    return { name, path: version && path, version, remedy };
  });
}

/**
 * Why this machine gives nobody a network of his own, in which the pages' commands can have all ports that they print.
 * @returns {string | undefined}
 */
export function labIsMissing() {
  const trial = ['--user', '--map-root-user', '--net', '--mount'];
  const { status, stderr, error } = spawnSync(
    'unshare',
    [...trial, 'ip', 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other'],
    { encoding: 'utf8' },
  );
  if (status === 0) return undefined;
  return `no network namespaces here (${error?.message ?? stderr.trim()}): Linux with user namespaces, apt-get install iproute2`;
}

function component({ candidates, ...rest }) {
  const path = candidates.find((candidate) => candidate && existsSync(candidate));
  if (!path) return { ...rest, path: undefined, version: undefined };
  const answer = spawnSync(path, ['version'], { encoding: 'utf8' });
  const version = answer.status === 0 ? answer.stdout.split('\n')[0]?.trim() : undefined;
  return version
    ? { ...rest, path, version }
    : { ...rest, path: undefined, version, remedy: `${path} does not run; ${rest.remedy}` };
}

function onPath(command) {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, command);
    if (folder && existsSync(path)) return path;
  }
  return undefined;
}
