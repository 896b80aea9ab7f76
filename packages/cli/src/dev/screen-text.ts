import { type Paint, paintStatus } from './paint.js';
import { type DevLine, type DevRow, type DevState, rowsOf } from './state.js';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ScreenHints {
  /** Command lines to try, each with what it shows. */
  readonly commands: readonly (readonly [command: string, meaning: string])[];
  /** What the keyboard does. */
  readonly keys: string;
}

/** A piece of a line with the colour it gets after it was cut to size. */
type Cell = readonly [text: string, paint?: (text: string) => string];

/** Lines that a short terminal still spares for events, before the commands to try give way. */
const FEWEST_EVENTS = 3;

/** The whole screen, top to bottom; no line is wider than the terminal, and there are no more than fit. */
export function renderScreen(
  state: DevState,
  hints: ScreenHints,
  size: ScreenSize,
  paint: Paint,
): string[] {
  const members = renderTable(rowsOf(state), paint);
  const head: Cell[][] = [[[title(state), paint.bold]], [], ...members, []];
  const commands = renderCommands(hints, size.columns, paint);
  const foot: Cell[][] = [[], [[` ${hints.keys}`, paint.dim]]];

  const fixed = head.length + foot.length + 1;
  const fits = size.rows - fixed - commands.length >= FEWEST_EVENTS;
  const middle = fits ? commands : [];
  const room = Math.max(0, size.rows - fixed - middle.length);
  const events = state.lines.slice(-room || state.lines.length, room === 0 ? 0 : undefined);
  const filler: Cell[][] = Array.from({ length: room - events.length }, () => []);

  const lines: Cell[][] = [
    ...head,
    [[' Events', paint.bold]],
    ...events.map((line) => renderLine(line, paint)),
    ...filler,
    ...middle,
    ...foot,
  ];
  return lines.slice(0, size.rows).map((line) => cut(line, size.columns));
}

function title({ nodes, upSeconds }: DevState): string {
  const running = nodes.filter((node) => node.isRunning).length;
  const minutes = Math.floor(upSeconds / 60);
  const seconds = String(Math.floor(upSeconds % 60)).padStart(2, '0');
  return ` tserf dev · ${running} of ${nodes.length} agents running · up ${minutes}:${seconds}`;
}

function renderTable(rows: readonly DevRow[], paint: Paint): Cell[][] {
  const heading: DevRow = {
    name: 'NAME',
    status: 'STATUS',
    gossip: 'GOSSIP',
    rpc: 'RPC',
    tags: 'TAGS',
  };
  const width = (column: keyof DevRow) =>
    Math.max(...[heading, ...rows].map((row) => [...row[column]].length)) + 2;
  const columns = ['name', 'status', 'gossip', 'rpc'] as const;
  const widths = new Map(columns.map((column) => [column, width(column)]));
  const pad = (row: DevRow, column: (typeof columns)[number]) =>
    row[column] + ' '.repeat((widths.get(column) ?? 0) - [...row[column]].length);

  const line = (row: DevRow, status: Cell, of: (text: string) => string): Cell[] => [
    [` ${pad(row, 'name')}`, of],
    status,
    [`${pad(row, 'gossip')}${pad(row, 'rpc')}${row.tags}`, of],
  ];
  const plain = (text: string) => text;
  return [
    line(heading, [pad(heading, 'status'), paint.dim], paint.dim),
    ...rows.map((row) =>
      line(row, [pad(row, 'status'), (text) => paintStatus(row.status, text, paint)], plain),
    ),
  ];
}

/** Wide enough for the longest type of event, `member-failed`, and some air. */
const WHAT_WIDTH = 15;

function renderLine({ time, what, details }: DevLine, paint: Paint): Cell[] {
  return [
    [` ${time}  `, paint.dim],
    [what.padEnd(WHAT_WIDTH), (text) => paintWhat(what, text, paint)],
    [details],
  ];
}

/** The same line for output that is no terminal, or that scrolls. */
export function formatLine(line: DevLine, paint: Paint): string {
  return cut(renderLine(line, paint), Number.POSITIVE_INFINITY).trim();
}

function paintWhat(what: string, text: string, paint: Paint): string {
  if (what === 'member-join') return paint.green(text);
  if (what === 'member-failed' || what === 'error') return paint.red(text);
  return what.startsWith('member-') ? paint.yellow(text) : paint.cyan(text);
}

/** Room for what a command shows, beside it. */
const MEANING_WIDTH = 28;

function renderCommands({ commands }: ScreenHints, columns: number, paint: Paint): Cell[][] {
  const room = Math.max(0, columns - MEANING_WIDTH);
  const lengths = commands.map(([command]) => command.length).filter((length) => length < room);
  const width = Math.max(0, ...lengths) + 2;
  const rows = commands.flatMap(([command, meaning]): Cell[][] => {
    const lines = continueLine(command, columns - 4);
    return lines.map((line, index) => {
      const isLast = index === lines.length - 1;
      const shown = isLast ? line.padEnd(width) : line;
      return [[` ${shown}`, paint.cyan], ...(isLast ? [[` ${meaning}`, paint.dim] as const] : [])];
    });
  });
  return [[], [[' Try in another terminal', paint.bold]], ...rows];
}

/** Breaks a command line as a shell takes it, so that it can still be copied from a narrow terminal. */
function continueLine(command: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of command.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Joins cells, cut to `columns` characters, and paints what is left: colours take no room. */
function cut(cells: readonly Cell[], columns: number): string {
  let left = columns;
  let line = '';
  for (const [text, paint = (plain: string) => plain] of cells) {
    const characters = [...text];
    const kept = characters.length > left ? characters.slice(0, left).join('') : text;
    left -= Math.min(left, characters.length);
    if (kept !== '') line += paint(kept);
  }
  return line;
}
