import type { CommandText } from '../command.js';
import type { FlagTable } from '../flags.js';

/** Wide enough for a sentence, narrow enough for half a screen. */
const WIDTH = 80;
const FLAG_INDENT = '  ';

/** A command's help: usage, description, options in columns, examples. No newline at the end. */
export function formatHelp(text: CommandText, flags: FlagTable): string {
  const parts = [`Usage: tserf ${text.usage}`];
  for (const paragraph of text.description) parts.push(wrap(paragraph, '  ').join('\n'));
  const options = formatFlags(flags);
  if (options !== '') parts.push(`Options:\n\n${options}`);
  if (text.examples.length > 0) parts.push(`Examples:\n\n${formatExamples(text.examples)}`);
  return parts.join('\n\n');
}

/** The help of a group of commands; `rows` are its commands. */
export function formatGroupHelp(
  { name, description }: { readonly name: string; readonly description: readonly string[] },
  rows: string,
): string {
  const parts = [`Usage: tserf ${name} <command> [<args>]`];
  for (const paragraph of description) parts.push(wrap(paragraph, '  ').join('\n'));
  parts.push(`Commands:\n\n${rows.trimEnd()}`, `"tserf ${name} <command> -h" says more.`);
  return parts.join('\n\n');
}

function formatFlags(flags: FlagTable): string {
  const rows = Object.entries(flags).map(([name, flag]) => ({
    form: flag.value === '' ? `-${name}` : `-${name}=${flag.value}`,
    about: flag.about + defaultNote(flag.kind, flag.fallback),
  }));
  const column = Math.max(0, ...rows.map((row) => row.form.length)) + 2;
  return rows
    .map(({ form, about }) => {
      const lines = wrap(about, ' '.repeat(FLAG_INDENT.length + column));
      return FLAG_INDENT + form.padEnd(column) + lines.join('\n').trimStart();
    })
    .join('\n');
}

/** A default is worth saying when it is a value that somebody could have typed. */
function defaultNote(kind: string, fallback: unknown): string {
  const isPlain = kind === 'text' || kind === 'integer';
  const isSet = fallback !== undefined && fallback !== '' && fallback !== 0;
  return isPlain && isSet ? ` Default: ${fallback}.` : '';
}

function formatExamples(examples: CommandText['examples']): string {
  return examples
    .map(([command, meaning]) => `  $ ${command}\n${wrap(meaning, '      ').join('\n')}`)
    .join('\n\n');
}

function wrap(paragraph: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(indent + line);
  return lines;
}
