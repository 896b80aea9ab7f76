import type { Io } from '../io.js';
import { printLine } from '../io.js';
import { type Paint, paintStatus } from './paint.js';
import { formatLine, renderScreen, type ScreenHints } from './screen-text.js';
import { type DevLine, type DevState, rowsOf } from './state.js';

/** How `tserf dev` shows what happens. */
export interface Display {
  /** Something changed; `line` if there is one more. */
  update(state: DevState, line?: DevLine): void;
  /** Gives the terminal back. Closing twice is harmless. */
  close(): void;
}

const SCREEN_ON = '\x1b[?1049h\x1b[?25l';
const SCREEN_OFF = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_REST_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** Where a terminal does not tell its size. */
const USUAL_SIZE = { columns: 80, rows: 24 };

/** A table that is drawn over itself, on the terminal's second screen: the first comes back as it was. */
export function openScreen(io: Io, hints: ScreenHints, paint: Paint): Display {
  const { stdout } = io;
  let isOpen = true;
  let last: DevState | undefined;
  const draw = () => {
    if (!isOpen || last === undefined) return;
    const { columns = USUAL_SIZE.columns, rows = USUAL_SIZE.rows } = stdout;
    const lines = renderScreen(last, hints, { columns, rows }, paint);
    // In one write, so that no half-drawn screen is ever seen.
    stdout.write(
      `${HOME}${lines.map((line) => line + CLEAR_REST_OF_LINE).join('\r\n')}${CLEAR_BELOW}`,
    );
  };
  const ignoreResize = io.onSignal('SIGWINCH', draw);
  stdout.write(SCREEN_ON);
  return {
    update(state) {
      last = state;
      draw();
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      ignoreResize();
      stdout.write(SCREEN_OFF);
    },
  };
}

/** Lines that scroll, for pipes and files: the cluster and the hints once, then each event. */
export function openPlain({ stdout }: Io, hints: ScreenHints, paint: Paint): Display {
  let hasShownCluster = false;
  return {
    update(state, line) {
      if (line !== undefined) printLine(stdout, formatLine(line, paint));
      const isComplete = state.members.filter(isAlive).length >= state.nodes.length;
      if (hasShownCluster || !isComplete) return;
      hasShownCluster = true;
      printCluster(state);
    },
    close() {},
  };

  function printCluster(state: DevState): void {
    printLine(stdout, '\nThe cluster:');
    for (const { name, status, gossip, rpc, tags } of rowsOf(state)) {
      const shown = paintStatus(status, status, paint);
      printLine(stdout, `  ${name}  ${shown}  gossip ${gossip}  RPC ${rpc}  ${tags}`);
    }
    printLine(stdout, '\nTry in another terminal:');
    const width = Math.max(...hints.commands.map(([command]) => command.length));
    for (const [command, meaning] of hints.commands) {
      printLine(stdout, `  ${paint.cyan(command.padEnd(width))}  ${paint.dim(meaning)}`);
    }
    printLine(stdout, '\nEvents, until Ctrl-C:');
  }
}

function isAlive(member: DevState['members'][number]): boolean {
  return member.status === 'alive';
}
