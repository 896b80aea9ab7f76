import {
  earlyProblems,
  lateProblems,
  logProblems,
  patternProblems,
  startProblems,
  warningsOf,
} from './check-settings.js';
import { ConfigError } from './config-error.js';
import { configFilesAt, readConfigFile } from './config-files.js';
import { type Layer, mergeLayers, originOf } from './layers.js';
import { originText } from './origin.js';

/** What is to be said of one file. */
export interface FileReport {
  readonly file: string;
  /** Each in a line, with its place: an agent would not start with them. */
  readonly problems: readonly string[];
  /** An agent would say so and start. */
  readonly warnings: readonly string[];
}

/**
 * Looks at configuration files as an agent does that starts with them, without starting one, and goes on after a mistake.
 * Files that are fine each by itself are then looked at together, as one configuration; what is wrong with that is told
 * of the last of them. What only this machine knows (interfaces, addresses, other files) is not asked: a file may be
 * checked where it is written.
 */
export async function checkConfigFiles(paths: readonly string[]): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  const layers: Layer[] = [];
  for (const path of paths) {
    for (const file of await filesAt(path, reports)) {
      const { report, layer } = await checkFile(file);
      reports.push(report);
      if (layer !== undefined) layers.push(layer);
    }
  }
  const last = reports.at(-1);
  const areAllFine = reports.every(({ problems }) => problems.length === 0);
  if (last === undefined || !areAllFine || layers.length < 2) return reports;
  return [...reports.slice(0, -1), { ...last, problems: await problemsOf(layers) }];
}

/** A path that cannot be read is reported under its own name. */
async function filesAt(path: string, reports: FileReport[]): Promise<string[]> {
  try {
    return await configFilesAt(path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    reports.push({ file: path, problems: error.problems, warnings: [] });
    return [];
  }
}

async function checkFile(file: string): Promise<{ report: FileReport; layer?: Layer }> {
  try {
    const layer = await readConfigFile(file);
    const warnings = warningsOf(layer.settings, layer.settings).map((text) => `${file}: ${text}`);
    return { layer, report: { file, problems: await problemsOf([layer]), warnings } };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { report: { file, problems: error.problems, warnings: [] } };
  }
}

/** All that is wrong with the settings that these layers make, with its place in front, as compilers have it. */
async function problemsOf(layers: readonly Layer[]): Promise<string[]> {
  const settings = mergeLayers(layers);
  const problems = [
    ...earlyProblems(settings),
    ...logProblems(settings),
    ...lateProblems(settings),
    ...(await patternProblems(settings)),
    ...startProblems(settings),
  ];
  return problems.map(({ message, path }) => {
    const origin = path && originOf(layers, path);
    return origin === undefined ? message : `${originText(origin)}: ${message}`;
  });
}
