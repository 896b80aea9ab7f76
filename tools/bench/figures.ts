import type { CommandLine } from '../../test/harness/agents.ts';

/** The two that are compared. */
interface Contestants {
  readonly serf: CommandLine;
  readonly tserf: CommandLine;
}

/** One line of the result: the same measurement, of both. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly serf: readonly number[];
  readonly tserf: readonly number[];
}

export type Benchmark = (contestants: Contestants) => Promise<readonly Figure[]>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Median, and lowest to highest: a wide span says that the machine was busy with something else. */
export function print(figures: readonly Figure[]): void {
  for (const { what, unit, serf, tserf } of figures) {
    const ratio = median(tserf) / median(serf);
    console.log(
      `${what.padEnd(44)} Serf ${column(serf)}   tserf ${column(tserf)} ${unit.padEnd(5)} ratio ${ratio.toFixed(2)}`,
    );
  }
}

function column(values: readonly number[]): string {
  const show = (value: number) => value.toFixed(value < 10 ? 2 : 0);
  const span = `(${show(Math.min(...values))}–${show(Math.max(...values))})`;
  return `${show(median(values)).padStart(7)} ${span.padEnd(14)}`;
}
