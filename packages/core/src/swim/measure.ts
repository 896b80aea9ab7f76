/** Single values that are kept until they are taken; of more, the newest. */
const keptValues = 32;

/** What a measure saw since it was last taken. */
export interface Measured {
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly min: number;
  readonly max: number;
  /** When the last value came, on the clock by which they were added. */
  readonly lastMs: number;
  /** The values themselves, or the newest of them where there were many. */
  readonly values: readonly number[];
}

/** How often something happened, and how large or long it was. Adding a value costs a few additions. */
export class Measure {
  #count = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #lastMs = 0;
  #values: number[] = [];

  add(value: number, nowMs: number): void {
    this.#values[this.#count % keptValues] = value;
    this.#count += 1;
    this.#sum += value;
    this.#sumOfSquares += value * value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#lastMs = nowMs;
  }

  /** What was added since the last call; `undefined` for nothing. */
  take(): Measured | undefined {
    if (this.#count === 0) return undefined;
    const measured: Measured = {
      count: this.#count,
      sum: this.#sum,
      sumOfSquares: this.#sumOfSquares,
      min: this.#min,
      max: this.#max,
      lastMs: this.#lastMs,
      values: this.#values,
    };
    this.#count = 0;
    this.#sum = 0;
    this.#sumOfSquares = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    this.#values = [];
    return measured;
  }
}
