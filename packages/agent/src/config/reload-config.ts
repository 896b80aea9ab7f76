import { checkInterfaces } from './addresses.js';
import type { AgentConfig } from './agent-config.js';
import {
  earlyProblems,
  lateProblems,
  logProblems,
  patternProblems,
  startProblems,
  warningsOf,
} from './check-settings.js';
import { ConfigError } from './config-error.js';
import { type Layer, mergeLayers } from './layers.js';
import { configOf, located } from './resolve-config.js';
import type { Settings } from './settings-schema.js';

/** A configuration in use, and the settings that it was made of. */
export interface ConfigInUse {
  readonly config: AgentConfig;
  readonly settings: Settings;
}

/**
 * The configuration that an agent would have if it was started again now, but for its addresses: they are not looked up,
 * and stay those in use. A wrong log level is told to `notice` and stays as it is, as in Serf; anything else that is
 * wrong refuses the whole.
 *
 * @throws {ConfigError}
 */
export async function reloadConfig(
  layers: readonly Layer[],
  inUse: AgentConfig,
  notice: (line: string) => void,
): Promise<ConfigInUse> {
  const settings = mergeLayers(layers);
  let logLevel: AgentConfig['logLevel'] | undefined;
  try {
    checkInterfaces(settings);
    for (const problem of problems(settings)) {
      if (problem.path?.[0] !== 'log_level') throw problem;
      notice(located(problem, layers).message);
      logLevel = inUse.logLevel;
    }
    for (const problem of await patternProblems(settings)) throw problem;
  } catch (error) {
    throw error instanceof ConfigError ? located(error, layers) : error;
  }
  for (const warning of warningsOf(settings, mergeLayers(layers.slice(0, -1)))) notice(warning);
  const { bind, advertise } = inUse;
  const config = configOf(layers, { bind, advertise });
  return { settings, config: logLevel === undefined ? config : { ...config, logLevel } };
}

function* problems(settings: Settings): Generator<ConfigError> {
  yield* earlyProblems(settings);
  yield* logProblems(settings);
  yield* lateProblems(settings);
  yield* startProblems(settings);
}
