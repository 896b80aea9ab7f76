// The command line from source, without a build; CONTRIBUTING.md shows how it is called.
import { runProcess } from '../packages/cli/src/process.ts';

await runProcess();
