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
export function nearestCommandLine(
  table: readonly CommandEntry[],
  typed: string,
): string | undefined {
  const nearest = nearestCommand(table, typed);
  if (nearest === undefined) return undefined;
  return `There is no command ${JSON.stringify(typed)}. Did you mean "${nearest}"?`;
}

/** The command that was probably meant: one that starts so, or is a slip or two away. */
function nearestCommand(table: readonly CommandEntry[], typed: string): string | undefined {
  const started = table.find((entry) => typed.length > 1 && entry.name.startsWith(typed));
  if (started !== undefined) return started.name;

  // A third of the letters may be wrong; in a short word even one makes another word.
  let allowed = Math.min(2, Math.floor(typed.length / 3));
  let nearest: string | undefined;
  for (const { name } of table) {
    const distance = editDistance(typed, name);
    if (distance > allowed) continue;
    nearest = name;
    allowed = distance - 1;
  }
  return nearest;
}

/** How many letters were added, dropped, changed or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (current[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
