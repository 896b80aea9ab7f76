import type { AgentFlags } from '../flags.js';
import type { ShowOptions } from './show-config.js';

/*
 * What can be asked about configurations without starting an agent. The libraries for it are loaded when it is asked: a
 * start must not pay for them.
 */

/** `showConfig` of `show-config.ts`. */
export async function showConfig(flags: AgentFlags, options: ShowOptions): Promise<string> {
  const module = await import('./show-config.js');
  return module.showConfig(flags, options);
}

/** `configJsonSchema` of `json-schema.ts`. */
export async function configJsonSchema(): Promise<object> {
  const module = await import('./json-schema.js');
  return module.configJsonSchema();
}
