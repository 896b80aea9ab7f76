// Adds up what several runs of tools/test.mjs left, and closes with the one line that says it all. Suites that did not
// run fail here: CI installs every component first.
import { existsSync, readFileSync } from 'node:fs';

const sum = { passed: 0, failed: 0, skipped: 0, notRun: 0 };
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.error(`${file} is missing: that run did not come to its end`);
    sum.failed += 1;
    continue;
  }
  const counts = JSON.parse(readFileSync(file, 'utf8'));
  for (const key of Object.keys(sum)) sum[key] += counts[key];
}
if (sum.notRun > 0) console.error(`${sum.notRun} suites were not run`);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(sum.failed > 0 || sum.notRun > 0 || sum.passed === 0 ? 1 : 0);
