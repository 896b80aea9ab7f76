import type { Agent } from '../agent.js';
import { ConfigError } from '../config/config-error.js';
import { readLayers } from '../config/layers.js';
import type { ConfigInUse } from '../config/reload-config.js';
import type { Console } from '../console/console.js';
import type { AgentFlags } from '../flags.js';
import type { ConfigChanges } from './changes.js';
import { reloadableOf } from './reloadable.js';

export interface ReloaderParts {
  readonly agent: Pick<Agent, 'config' | 'reload'>;
  /** The command line, which stays. */
  readonly flags: AgentFlags;
  readonly console: Console;
  /** Aborted when the agent ends: nothing more is said then. */
  readonly ending: AbortSignal;
}

/**
 * Reads the files again while the agent runs, and says what has changed, what has not, and what needs a restart (spec/07
 * §11). One at a time; a wish that comes while another waits is the same wish.
 */
export class Reloader {
  readonly #parts: ReloaderParts;
  /** What the next reload is compared with. */
  #inUse: ConfigInUse;
  #last: Promise<void> = Promise.resolve();
  #isWaiting = false;

  constructor(inUse: ConfigInUse, parts: ReloaderParts) {
    this.#inUse = inUse;
    this.#parts = parts;
  }

  /** Resolves when it is done, however it went. */
  reload(): Promise<void> {
    if (this.#isWaiting) return this.#last;
    this.#isWaiting = true;
    this.#last = this.#last.then(() => {
      this.#isWaiting = false;
      return this.#reload();
    });
    return this.#last;
  }

  async #reload(): Promise<void> {
    const { agent, flags, console, ending } = this.#parts;
    if (ending.aborted) return;
    console.output('Reloading configuration...');
    const next = await this.#read(flags);
    if (next === undefined || ending.aborted) return;

    console.minimum = next.config.logLevel;
    const failure = await agent.reload(next.config).then(
      () => undefined,
      (error: Error) => error,
    );
    if (ending.aborted) return;
    if (failure !== undefined) console.output(`Failed to update tags: ${failure.message}`);
    const { changesBetween } = await import('./changes.js');
    const taken = { ...next.config, ...reloadableOf(agent.config) };
    this.#report(changesBetween(this.#inUse, { ...next, config: taken }), failure !== undefined);
    // The settings of the start stay: what needs a restart is told again until there was one.
    this.#inUse = { settings: this.#inUse.settings, config: agent.config };
  }

  #report({ applied, needRestart }: ConfigChanges, hasFailed: boolean): void {
    const { console } = this.#parts;
    for (const line of applied) console.info(line);
    if (needRestart.length > 0) {
      console.info(`Only a restart takes over: ${needRestart.join(', ')}`);
    }
    const isSilent = applied.length + needRestart.length === 0;
    if (isSilent && !hasFailed) console.info('Nothing has changed');
  }

  async #read(flags: AgentFlags): Promise<ConfigInUse | undefined> {
    const { agent, console } = this.#parts;
    // Loaded when it is asked for: a start must not pay for it.
    const { reloadConfig } = await import('../config/reload-config.js');
    try {
      const layers = await readLayers(flags);
      return await reloadConfig(layers, agent.config, (line) => console.output(line));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      console.output(error.message);
      console.output('Failed to reload configs');
      console.info('Nothing has changed');
      return undefined;
    }
  }
}
