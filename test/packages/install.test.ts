import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Agent, tserf } from '../harness/agents.ts';
import { endAll, type Finished, run } from '../harness/processes.ts';

/** Every published package, packed as it would be published, in an empty folder of its own. */

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const tool = (path: string) => join(root, 'node_modules', ...path.split('/'));

interface Published {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
}

const published: Published[] = readdirSync(join(root, 'packages')).map((folder) => {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
  return { folder, name: manifest.name, dependencies: Object.keys(manifest.dependencies ?? {}) };
});

/** As a careful user has them: libraries are checked too. */
const compilerOptions = {
  strict: true,
  skipLibCheck: false,
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  typeRoots: [tool('@types')],
};

let workshop = '';
const tarballs = new Map<string, string>();

beforeAll(async () => {
  workshop = mkdtempSync(join(tmpdir(), 'tserf-packages-'));
  for (const { folder, name } of published) {
    const packed = await run('npm', [
      'pack',
      join(root, 'packages', folder),
      '--json',
      '--silent',
      `--pack-destination=${workshop}`,
    ]);
    expect(packed.code, packed.stderr).toBe(0);
    const answer = JSON.parse(packed.stdout);
    const [entry] = Array.isArray(answer) ? answer : Object.values(answer);
    tarballs.set(name, join(workshop, entry.filename));
  }
}, 120_000);

afterAll(() => rmSync(workshop, { recursive: true, force: true }));
afterEach(endAll);

describe.each(published)('$name', ({ folder, name }) => {
  test('is published as its manifest promises (publint, attw)', async () => {
    const tarball = tarballs.get(name) as string;

    const publint = await run(process.execPath, [tool('publint/src/cli.js'), tarball, '--strict']);
    expect(publint.code, publint.stdout + publint.stderr).toBe(0);
    const attw = await run(process.execPath, [
      tool('@arethetypeswrong/cli/dist/index.js'),
      tarball,
      '--profile=esm-only',
      '--format=ascii',
    ]);
    expect(attw.code, attw.stdout + attw.stderr).toBe(0);
  });

  test("installs into an empty folder, and its README's first example runs there", async () => {
    const home = join(workshop, `home-${folder}`);
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n');
    const installed = await run('npm', [
      'install',
      '--no-audit',
      '--no-fund',
      `--prefix=${home}`,
      ...withDependencies(name).map((each) => tarballs.get(each) as string),
    ]);
    expect(installed.code, installed.stdout + installed.stderr).toBe(0);

    const example = firstExample(readFileSync(join(root, 'packages', folder, 'README.md'), 'utf8'));
    // A client's example talks to the agent that its reader has running, at the default address.
    const agent =
      name === '@tserf/client'
        ? await Agent.start(tserf, { node: 'example', rpcPort: 7373 })
        : undefined;
    const ran =
      example.language === 'sh'
        ? await runShell(home, example.code)
        : await runTyped(home, example.code);
    await agent?.kill();

    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  });
});

/** The package and the packages of ours that it needs: these are not in a registry yet. */
function withDependencies(name: string): string[] {
  const all = new Set([name]);
  for (const each of all) {
    const found = published.find((candidate) => candidate.name === each);
    for (const dependency of found?.dependencies ?? [])
      if (tarballs.has(dependency)) all.add(dependency);
  }
  return [...all];
}

function firstExample(readme: string): { language: string; code: string } {
  const found = /^```(ts|sh)\n([\s\S]*?)^```/m.exec(readme);
  if (!found) throw new Error('the README has no example in a ts or sh block');
  return { language: found[1] as string, code: found[2] as string };
}

/** Checks the example against the installed types, then runs what the compiler made of it. */
async function runTyped(home: string, code: string): Promise<Finished> {
  writeFileSync(join(home, 'example.ts'), code);
  writeFileSync(
    join(home, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['example.ts'] }),
  );
  const compiled = await run(process.execPath, [tool('typescript/bin/tsc'), '-p', home]);
  if (compiled.code !== 0) return compiled;
  return run(process.execPath, [join(home, 'example.js')]);
}

function runShell(home: string, code: string): Promise<Finished> {
  const path = [
    join(home, 'node_modules', '.bin'),
    dirname(process.execPath),
    process.env['PATH'],
  ].join(':');
  return run('bash', ['-ec', `cd '${home}'\n${code}`], { PATH: path });
}
