import process, { argv, stdout } from 'node:process';
import { randomScenario } from './random-scenario.js';
import { simulate } from './simulate.js';
import { describeFailure } from './story.js';

/** Plays the scenario of the seed given as argument and prints its story, one line for each thing that happened. */
function replay(text: string | undefined): number {
  const seed = Number(text);
  if (text === undefined || !Number.isInteger(seed) || seed < 0) {
    stdout.write(
      'Which seed? Give a whole number, such as: npm run replay -w packages/simulator -- 42\n',
    );
    return 2;
  }
  const scenario = randomScenario(seed);
  stdout.write(`${JSON.stringify(scenario, null, 1)}\n`);
  const result = simulate(scenario, seed, (line) => stdout.write(`${line}\n`));
  stdout.write(`${result.steps} steps, ${result.network.sent} packets, history ${result.hash}\n`);
  if (result.violations.length === 0) return 0;
  stdout.write(`${describeFailure(result)}\n`);
  return 1;
}

process.exitCode = replay(argv[2]);
