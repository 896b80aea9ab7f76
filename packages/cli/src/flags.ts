import { goQuote } from '@tserf/core/go-quote';
import { parseDurationNanoseconds, parseInteger } from './format/go-number.js';

/*
 * Flags with the syntax of Go's `flag` package, because scripts written for Serf use it: one dash or two, `-x=v` or
 * `-x v`, and nothing is a flag after the first argument that is none (spec/06 §1.2). The option parsers of the Node
 * world read `-node web` as a bundle of one-letter options, so this one is our own.
 */

type FlagKind = 'text' | 'bool' | 'integer' | 'duration' | 'list';

export interface Flag<K extends FlagKind, D> {
  readonly kind: K;
  /** Value before any flag is read; for a list there is none to give. */
  readonly fallback: D;
  /** What stands for the value in the help, such as `HOST:PORT`. */
  readonly value: string;
  /** One sentence for the help. */
  readonly about: string;
  /** The values there are, where they can be counted up; for the completion of shells. */
  readonly choices?: readonly string[];
}

type FlagDeclaration =
  | Flag<'text', string | undefined>
  | Flag<'bool', boolean | undefined>
  | Flag<'integer', number | undefined>
  /** In nanoseconds: Go's unit, and the one that travels. */
  | Flag<'duration', number | undefined>
  | Flag<'list', readonly string[]>;

/** A command's flags, by name without dashes. */
export type FlagTable = Readonly<Record<string, FlagDeclaration>>;

type ValueOf<F> =
  F extends Flag<'bool', infer D>
    ? boolean | D
    : F extends Flag<'text', infer D>
      ? string | D
      : F extends Flag<'integer' | 'duration', infer D>
        ? number | D
        : F extends Flag<'list', unknown>
          ? readonly string[]
          : never;

/** What the parser makes of a table: each flag's value with the type its declaration implies. */
export type FlagValues<T extends FlagTable> = {
  readonly [N in keyof T]: ValueOf<T[N]>;
};

/** Without a fallback the value is `undefined` unless the flag was given. */
export const text = <D extends string | undefined = undefined>(
  value: string,
  about: string,
  fallback = undefined as D,
  choices: readonly string[] = [],
): Flag<'text', D> => ({ kind: 'text', fallback, value, about, choices });

export const bool = <D extends boolean | undefined = undefined>(
  about: string,
  fallback = undefined as D,
): Flag<'bool', D> => ({ kind: 'bool', fallback, value: '', about });

export const integer = <D extends number | undefined = undefined>(
  value: string,
  about: string,
  fallback = undefined as D,
): Flag<'integer', D> => ({ kind: 'integer', fallback, value, about });

/** `fallback` and result in nanoseconds. */
export const duration = <D extends number | undefined = undefined>(
  value: string,
  about: string,
  fallback = undefined as D,
): Flag<'duration', D> => ({ kind: 'duration', fallback, value, about });

/** May be given many times; every value is kept, in order, and commas do not split it. */
export const list = (value: string, about: string): Flag<'list', readonly string[]> => ({
  kind: 'list',
  fallback: [],
  value,
  about,
});

/** A command line that cannot be read; the message is the line Go's parser prints. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
  /** The flag that nobody knows, without dashes, if that is what is wrong. */
  readonly unknown: string | undefined;

  constructor(message: string, unknown?: string) {
    super(message);
    this.unknown = unknown;
  }
}

/** One flag as it stood on the command line. */
export interface GivenFlag {
  readonly name: string;
  readonly value: string;
}

export interface ParsedFlags<T extends FlagTable> {
  readonly values: FlagValues<T>;
  /** Every flag in the order of the command line: some commands care about order between different flags. */
  readonly given: readonly GivenFlag[];
  /** What follows the flags. */
  readonly rest: readonly string[];
}

/** Reads `args` by `table`; throws `FlagError` at the first mistake. */
export function parseFlags<const T extends FlagTable>(
  table: T,
  args: readonly string[],
): ParsedFlags<T> {
  const { given, rest } = scan(table, args);
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) values[name] = flag.fallback;
  for (const { name, value } of given) {
    const flag = table[name];
    if (flag === undefined) continue;
    const read = readValue(name, flag, value);
    values[name] = flag.kind === 'list' ? [...(values[name] as string[]), read] : read;
  }
  return { values: values as FlagValues<T>, given, rest };
}

/** Takes the command line apart without reading the values. */
function scan(table: FlagTable, args: readonly string[]) {
  const given: GivenFlag[] = [];
  let at = 0;
  while (at < args.length) {
    const argument = args[at] ?? '';
    // A lone dash is an argument; programs use it for standard input.
    if (argument.length < 2 || !argument.startsWith('-')) break;
    at++;
    if (argument === '--') break;

    const { name, inline } = splitFlag(argument);
    const flag = Object.hasOwn(table, name) ? table[name] : undefined;
    if (flag === undefined) throw new FlagError(`flag provided but not defined: -${name}`, name);

    const isBool = flag.kind === 'bool';
    const value = inline ?? (isBool ? 'true' : args[at++]);
    if (value === undefined) throw new FlagError(`flag needs an argument: -${name}`);
    // Go stops at the first mistake, so a bad value must be found before the next flag is looked at.
    readValue(name, flag, value);
    given.push({ name, value });
  }
  return { given, rest: args.slice(at) };
}

function splitFlag(argument: string): { name: string; inline: string | undefined } {
  const body = argument.slice(argument.startsWith('--') ? 2 : 1);
  if (body === '' || body.startsWith('-') || body.startsWith('=')) {
    throw new FlagError(`bad flag syntax: ${argument}`);
  }
  const equals = body.indexOf('=');
  if (equals < 0) return { name: body, inline: undefined };
  return { name: body.slice(0, equals), inline: body.slice(equals + 1) };
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false] as const),
]);

function readValue(name: string, flag: FlagDeclaration, value: string): string | boolean | number {
  switch (flag.kind) {
    case 'text':
    case 'list':
      return value;
    case 'bool': {
      const read = BOOLEANS.get(value);
      if (read !== undefined) return read;
      throw new FlagError(`invalid boolean value ${goQuote(value)} for -${name}: parse error`);
    }
    case 'integer': {
      const read = parseInteger(value);
      if (read.ok) return read.value;
      throw new FlagError(`invalid value ${goQuote(value)} for flag -${name}: ${read.reason}`);
    }
    case 'duration': {
      const read = parseDurationNanoseconds(value);
      if (read !== undefined) return read;
      throw new FlagError(`invalid value ${goQuote(value)} for flag -${name}: parse error`);
    }
  }
}

/**
 * Splits the value of a flag such as `-tag KEY=VALUE` at the first `=`; `undefined` without one or without a key. The
 * value may be empty.
 */
export function splitPair(pair: string): { key: string; value: string } | undefined {
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  return { key: pair.slice(0, equals), value: pair.slice(equals + 1) };
}
