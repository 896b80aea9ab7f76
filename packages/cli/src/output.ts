import type { CommandContext } from './command.js';
import { type FlagTable, text } from './flags.js';
import type { JsonValue } from './format/json.js';
import { showValue } from './format/show.js';
import { printLine } from './io.js';

/** The flag of commands whose result is one message; Serf prints these as text only. */
export const formatFlag = {
  format: text('FORMAT', '"text" or "json".', 'text', ['text', 'json']),
} satisfies FlagTable;

type FormatContext = Pick<CommandContext<typeof formatFlag>, 'flags' | 'io'>;

/** `undefined` when there is such a format; else says so, in the words of Serf's `query`, and returns the exit code. */
export function refuseFormat({ flags, io }: FormatContext): number | undefined {
  if (flags.format === 'text' || flags.format === 'json') return undefined;
  printLine(io.stdout, `Invalid format: ${showValue(flags.format)}`);
  return 1;
}

/** Prints what came of a command, in the format that was asked for. Without a `message` the text is nothing at all. */
export async function printResult(
  { flags, io }: FormatContext,
  message: string | undefined,
  result: JsonValue,
): Promise<void> {
  if (flags.format === 'json') {
    const { formatJson } = await import('./format/json.js');
    printLine(io.stdout, formatJson(result));
  } else if (message !== undefined) {
    printLine(io.stdout, message);
  }
}
