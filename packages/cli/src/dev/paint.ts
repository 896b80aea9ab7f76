import type { Io } from '../io.js';

/** Puts text in a colour, or leaves it as it is. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const ansi = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;
const plain = (text: string) => text;

export const colours: Paint = {
  bold: ansi(1, 22),
  dim: ansi(2, 22),
  green: ansi(32, 39),
  yellow: ansi(33, 39),
  red: ansi(31, 39),
  cyan: ansi(36, 39),
};

export const noColours: Paint = {
  bold: plain,
  dim: plain,
  green: plain,
  yellow: plain,
  red: plain,
  cyan: plain,
};

/** Colours on a terminal, unless it is a dumb one or its user wants none (https://no-color.org). */
export function choosePaint({ stdout, env }: Pick<Io, 'stdout' | 'env'>): Paint {
  const wanted = stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return wanted ? colours : noColours;
}

/** The colour of a member's status: what needs a look stands out. */
export function paintStatus(status: string, text: string, paint: Paint): string {
  if (status === 'alive') return paint.green(text);
  if (status === 'failed') return paint.red(text);
  return status === 'leaving' ? paint.yellow(text) : paint.dim(text);
}
