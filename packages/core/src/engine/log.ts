import type { EngineNotice, LogLevel } from './protocol.js';

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
  /** Lines of one `limit` are held back when they come too often. None for lines that are rare by nature. */
  readonly limit?: string;
}

/** How many lines of one kind pass in one window. */
export interface LogBudget {
  readonly lines: number;
  readonly windowMs: number;
}

interface Window {
  startMs: number;
  passed: number;
  heldBack: number;
}

const defaultBudget: LogBudget = { lines: 20, windowMs: 5_000 };

/**
 * Passes lines on, the noisy ones within a budget for each kind: anybody can send garbage, and a log that repeats it is a
 * second flood. What was held back is said with the next line of its kind.
 */
export class Log {
  readonly #nowMs: () => number;
  readonly #tell: (notice: EngineNotice) => void;
  readonly #budget: LogBudget;
  readonly #windows = new Map<string, Window>();

  constructor(
    world: { nowMs(): number; tell(notice: EngineNotice): void },
    budget: LogBudget = defaultBudget,
  ) {
    this.#nowMs = () => world.nowMs();
    this.#tell = (notice) => world.tell(notice);
    this.#budget = budget;
  }

  write({ level, text, limit }: LogLine): void {
    const note = limit === undefined ? '' : this.#spend(limit);
    if (note !== undefined) this.#tell({ type: 'log', level, text: text + note });
  }

  /** `undefined` when the budget is used up, else what to add to the line. */
  #spend(limit: string): string | undefined {
    const nowMs = this.#nowMs();
    const window = this.#windows.get(limit);
    if (window === undefined || nowMs - window.startMs >= this.#budget.windowMs) {
      this.#windows.set(limit, { startMs: nowMs, passed: 1, heldBack: 0 });
      const heldBack = window?.heldBack ?? 0;
      return heldBack === 0 ? '' : ` (${heldBack} more like this were not logged)`;
    }
    if (window.passed >= this.#budget.lines) {
      window.heldBack += 1;
      return undefined;
    }
    window.passed += 1;
    return '';
  }
}
