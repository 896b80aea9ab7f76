export {
  type Command,
  type CommandContext,
  type CommandDefinition,
  defineCommand,
} from './command.js';
export { type CommandGroupDefinition, defineCommandGroup } from './command-group.js';
export { type CommandEntry, commands } from './commands.js';
export { bool, duration, type FlagTable, integer, list, text } from './flags.js';
export type { Io, TextSink } from './io.js';
export { type MainOptions, main } from './main.js';
