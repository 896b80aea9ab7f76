import type { CommandEntry } from './commands.js';
import { sortedByName } from './format/order.js';

/** The list of commands, as Serf lays it out (spec/06 §2): an empty line closes it. */
export function formatCommandList(table: readonly CommandEntry[]): string {
  return `Usage: tserf [--version] [--help] <command> [<args>]\n\nAvailable commands are:\n${formatRows(table)}\n`;
}

/** One line for each command, sorted, the names padded to the longest. */
export function formatRows(table: readonly CommandEntry[]): string {
  const sorted = sortedByName(table);
  const width = Math.max(0, ...sorted.map((entry) => entry.name.length));
  return sorted.map(({ name, synopsis }) => `    ${name.padEnd(width)}    ${synopsis}\n`).join('');
}

/** What to say to a slip of the fingers; nothing when no command comes near. */
export async function nearestCommandLine(
  table: readonly CommandEntry[],
  typed: string,
): Promise<string | undefined> {
  const nearest = await nearestCommand(table, typed);
  if (nearest === undefined) return undefined;
  return `There is no command ${JSON.stringify(typed)}. Did you mean "${nearest}"?`;
}

/** The command that was probably meant: one that starts so, or is a slip or two away. */
async function nearestCommand(
  table: readonly CommandEntry[],
  typed: string,
): Promise<string | undefined> {
  const names = table.map(({ name }) => name);
  const started = names.find((name) => typed.length > 1 && name.startsWith(typed));
  if (started !== undefined) return started;
  // The agent compares the words of configuration files with it; who types right never loads it.
  const { nearestWord } = await import('@tserf/agent/nearest-word');
  return nearestWord(typed, names);
}
