// `npm test`: sets everything up, runs every suite that can run here, and says in its last lines what it could not
// run and why. `--suites=unit,interop` picks some; `--serf=newest` or `--serf=stable` takes one Serf only;
// `--results=FILE` leaves the counts for CI to add up.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { labIsMissing, serfBinaries, shells } from './components.mjs';
import { build, ensureInstalled, root } from './setup.mjs';

const { values: flags } = parseArgs({
  options: {
    suites: { type: 'string' },
    serf: { type: 'string' },
    results: { type: 'string' },
  },
});
const wanted = flags.suites?.split(',');
const binaries = serfBinaries().filter(({ id }) => flags.serf === undefined || flags.serf === id);
if (binaries.length === 0) {
  console.error(`--serf=${flags.serf}: choose stable or newest`);
  process.exit(2);
}

ensureInstalled();
build();

const plan = [
  {
    suite: 'unit',
    title: 'unit',
    projects: ['@tserf/core', '@tserf/client', '@tserf/agent', 'tserf'],
  },
  { suite: 'simulation', title: 'simulation', projects: ['@tserf/simulator'] },
  { suite: 'system', title: 'system', projects: ['system'] },
  { suite: 'packages', title: 'packages', projects: ['packages'] },
  { suite: 'pages', title: 'pages as printed', projects: ['pages'], missing: labIsMissing() },
  ...shells().map(({ name, path, version, remedy }) => ({
    suite: 'shells',
    title: `completion in ${name}${version ? ` (${version})` : ''}`,
    projects: ['shells'],
    environment: { SHELL_UNDER_TEST: path },
    missing: path ? undefined : `${name} is not here: ${remedy}`,
  })),
  ...binaries.map(({ name, path, version, remedy }) => ({
    suite: 'interop',
    title: `interop with ${name}${version ? ` (${version})` : ''}`,
    projects: ['interop'],
    environment: { SERF_UNDER_TEST: path },
    missing: path ? undefined : `${name} is not here: ${remedy}`,
  })),
].filter(({ suite }) => !wanted || wanted.includes(suite));

const folder = mkdtempSync(join(tmpdir(), 'tserf-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
const notRun = [];
for (const [index, entry] of plan.entries()) {
  if (entry.missing) {
    notRun.push(`${entry.title}: ${entry.missing}`);
    continue;
  }
  console.log(`\n── ${entry.title} ──`);
  const counts = runVitest(entry, join(folder, `${index}.json`));
  for (const key of Object.keys(totals)) totals[key] += counts[key];
  lines.push(`${entry.title}: ${describe(counts)}`);
  for (const name of counts.failures) lines.push(`  FAILED  ${name}`);
}
rmSync(folder, { recursive: true, force: true });

console.log(`\nOn Node ${process.version}:`);
for (const line of lines) console.log(`  ${line}`);
for (const line of notRun) console.log(`  NOT RUN  ${line}`);
console.log(describe(totals));
if (flags.results) {
  writeFileSync(flags.results, JSON.stringify({ ...totals, notRun: notRun.length }));
}
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

function runVitest({ projects, environment, title }, output) {
  const child = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${output}`,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } },
  );
  if (!existsSync(output)) {
    console.error(`${title}: vitest left no result (exit code ${child.status})`);
    return { passed: 0, failed: 1, skipped: 0, failures: [] };
  }
  const result = JSON.parse(readFileSync(output, 'utf8'));
  const failed = result.numFailedTests;
  return {
    passed: result.numPassedTests,
    // A file that does not load has no failed test of its own, and still is a failure.
    failed: failed > 0 || child.status === 0 ? failed : 1,
    skipped: result.numPendingTests + (result.numTodoTests ?? 0),
    failures: result.testResults.flatMap(namesOfFailures),
  };
}

function namesOfFailures({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length > 0) return failed.map((test) => `${file}: ${test.fullName}`);
  return status === 'failed' ? [`${file}: ${message.split('\n')[0]}`] : [];
}

function describe({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
