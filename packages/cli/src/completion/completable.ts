import type { ArgumentKind, CommandShape } from '../command.js';
import type { CommandEntry } from '../commands.js';

/** What a shell can offer for a word: given words, files, directories, names of members, or nothing (`any`). */
export type Offer =
  | { readonly type: 'words'; readonly words: readonly string[] }
  | { readonly type: 'file' | 'directory' | 'node' | 'any' };

interface CompletableFlag {
  /** Without dashes. */
  readonly name: string;
  readonly about: string;
  /** What its value may be; absent for a flag that takes none. */
  readonly value?: Offer;
}

/** One command as the shells' scripts need it. A command of a group has two words. */
export interface Completable {
  readonly words: readonly string[];
  readonly synopsis: string;
  readonly flags: readonly CompletableFlag[];
  readonly argument: Offer;
}

/** All commands of a table, those in groups too: a group itself comes first, and offers its commands as words. */
export async function completables(
  table: readonly CommandEntry[],
  before: readonly string[] = [],
): Promise<readonly Completable[]> {
  const all: Completable[] = [];
  for (const { name, synopsis, load } of table) {
    const { shape } = await load();
    const words = [...before, name];
    const commands = shape.commands ?? [];
    all.push({
      words,
      synopsis,
      flags: flagsOf(shape),
      argument: commands.length > 0 ? { type: 'any' } : offerFor(shape.argument),
    });
    all.push(...(await completables(commands, words)));
  }
  return all;
}

function flagsOf({ flags }: CommandShape): CompletableFlag[] {
  return Object.entries(flags).map(([name, { kind, value, about, choices = [] }]) => {
    if (kind === 'bool') return { name, about };
    return { name, about, value: choices.length > 0 ? offerFor(choices) : byPlaceholder(value) };
  });
}

function offerFor(kind: ArgumentKind | undefined): Offer {
  if (kind === undefined) return { type: 'any' };
  return typeof kind === 'string' ? { type: kind } : { type: 'words', words: kind };
}

/** What stands for the value in the help says what it is. */
function byPlaceholder(placeholder: string): Offer {
  switch (placeholder) {
    case 'FILE':
      return { type: 'file' };
    case 'DIR':
      return { type: 'directory' };
    case 'NODE':
      return { type: 'node' };
    default:
      return { type: 'any' };
  }
}

/** Text in single quotes, for all three shells alike: what stands in them is taken as it is. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
