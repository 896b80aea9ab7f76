// Rules about the repository itself that no other tool checks.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter(Boolean);
const problems = [];

for (const file of files) {
  if (/\.(png|jpg|ico|gz)$/.test(file)) continue;
  const text = readFileSync(file, 'utf8');
  if (/"resolved": "https?:/.test(text)) {
    problems.push(`${file} names the host that packages came from; see .npmrc`);
  }
  if (/(^|\/)(utils?|helpers?|misc)\.[cm]?[jt]s$/.test(file)) {
    problems.push(`${file}: a name that does not say what is in it`);
  }
  if (/packages\/[^/]+\/src\/.*\.ts$/.test(file) && /\b(TODO|FIXME|XXX)\b/.test(text)) {
    problems.push(`${file} promises later work`);
  }
}

// One version for all packages, and exact versions between them: they are published together.
const manifests = files
  .filter((file) => /^packages\/[^/]+\/package\.json$/.test(file))
  .map((file) => ({ file, manifest: JSON.parse(readFileSync(file, 'utf8')) }));
const ours = new Map(manifests.map(({ manifest }) => [manifest.name, manifest.version]));
for (const { file, manifest } of manifests) {
  for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
    if (ours.has(name) && range !== ours.get(name)) {
      problems.push(
        `${file} asks for ${name}@${range}; the packages are published as ${ours.get(name)}`,
      );
    }
  }
}

for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
