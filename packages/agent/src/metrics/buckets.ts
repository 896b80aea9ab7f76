import type { Measured } from '@tserf/core';
import { goTime, goTimeSince } from './go-time.js';
import type { NamedMetric } from './metric-line.js';

/** As Serf keeps them: a minute, in pieces of ten seconds (spec/07 §13.1). */
export const bucketMs = 10_000;
const bucketLimit = 6;

type Tally = Omit<Measured, 'values'>;

interface Bucket {
  readonly startMs: number;
  readonly gauges: Map<string, number>;
  readonly counters: Map<string, Tally>;
  readonly samples: Map<string, Tally>;
}

/** The metrics of the last minute, for the operator's signal. */
export class Buckets {
  readonly #startMs: number;
  #buckets: Bucket[] = [];

  /** `startMs` is when the process started, in epoch milliseconds. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** `atMs` is when it was measured, in epoch milliseconds. */
  add(metric: NamedMetric, atMs: number): void {
    const name = metric.name.replace(/ /g, '_');
    if (metric.type === 'gauge') this.#at(atMs).gauges.set(name, metric.value);
    else {
      const { counters, samples } = this.#at(metric.measured.lastMs);
      const tallies = metric.type === 'counter' ? counters : samples;
      tallies.set(name, merged(tallies.get(name), metric.measured));
    }
  }

  /** Every bucket that was over at `nowMs`, in Serf's form (spec/07 §13.4). */
  dump(nowMs: number): string {
    const lines = this.#buckets
      .filter(({ startMs }) => startMs + bucketMs <= nowMs)
      .flatMap((bucket) => this.#linesOf(bucket));
    return lines.map((line) => `${line}\n`).join('');
  }

  #at(atMs: number): Bucket {
    const startMs = Math.floor(atMs / bucketMs) * bucketMs;
    const known = this.#buckets.find((bucket) => bucket.startMs === startMs);
    if (known !== undefined) return known;
    const bucket: Bucket = {
      startMs,
      gauges: new Map(),
      counters: new Map(),
      samples: new Map(),
    };
    this.#buckets.push(bucket);
    this.#buckets.sort((a, b) => a.startMs - b.startMs);
    this.#buckets = this.#buckets.slice(-bucketLimit);
    return bucket;
  }

  #linesOf({ startMs, gauges, counters, samples }: Bucket): string[] {
    const at = `[${goTime(startMs)}]`;
    const sorted = <V>(entries: Map<string, V>) =>
      [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...sorted(gauges).map(([name, value]) => `${at}[G] '${name}': ${value.toFixed(3)}`),
      ...sorted(counters).map(([name, tally]) => `${at}[C] '${name}': ${this.#text(tally)}`),
      ...sorted(samples).map(([name, tally]) => `${at}[S] '${name}': ${this.#text(tally)}`),
    ];
  }

  #text(tally: Tally): string {
    const { count, sum, min, max, lastMs } = tally;
    const deviation = standardDeviation(tally);
    const spread =
      deviation === 0
        ? ''
        : `Min: ${min.toFixed(3)} Mean: ${(sum / count).toFixed(3)} Max: ${max.toFixed(3)} ` +
          `Stddev: ${deviation.toFixed(3)} `;
    return `Count: ${count} ${spread}Sum: ${sum.toFixed(3)} LastUpdated: ${goTimeSince(lastMs, this.#startMs)}`;
  }
}

function merged(known: Tally | undefined, { values: _, ...more }: Measured): Tally {
  if (known === undefined) return more;
  return {
    count: known.count + more.count,
    sum: known.sum + more.sum,
    sumOfSquares: known.sumOfSquares + more.sumOfSquares,
    min: Math.min(known.min, more.min),
    max: Math.max(known.max, more.max),
    lastMs: Math.max(known.lastMs, more.lastMs),
  };
}

/** Of the sample. Values that are all the same may differ from 0 by what the additions lost. */
function standardDeviation({ count, sum, sumOfSquares, min, max }: Tally): number {
  if (count < 2 || min === max) return 0;
  return Math.sqrt(Math.max(0, (count * sumOfSquares - sum * sum) / (count * (count - 1))));
}
